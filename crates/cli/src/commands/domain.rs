//! `funcd domain`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use serde_json::json;
use wire::apig::domains::{self as shape, CertificateDetails, CertificateForm, DomainWithCertificate, NewDomain};
use wire::apig::groups::{self, Group};

use super::{Context, delete, gateway};
use crate::client::{Call, Client};
use crate::output::{Table, escape};

/// More is no certificate.
const LARGEST: u64 = 256 * 1024;

/// Options of `funcd domain`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Command {
    /// Let an API group answer at a domain of yours, too.
    #[command(after_help = "The domain must lead to the gateway (DNS, or --resolve of curl to try).

Examples:
  funcd domain add api.example.com --group shop
  funcd domain add '*.example.com' --group shop --redirect --chain fullchain.pem --key privkey.pem")]
    Add {
        /// Host name; `*.` at the start stands for one label.
        domain: String,
        /// Name or id of the group: `funcd domain list` shows those that have domains.
        #[arg(long)]
        group: String,
        /// Send plain HTTP to https.
        #[arg(long)]
        redirect: bool,
        /// Certificates in PEM: the domain's own, then those that sign it.
        #[arg(long, value_name = "FILE", requires = "key")]
        chain: Option<PathBuf>,
        /// Its private key in PEM.
        #[arg(long, value_name = "FILE", requires = "chain")]
        key: Option<PathBuf>,
    },
    /// List the domains, their groups and their certificates.
    #[command(after_help = "Examples:\n  funcd domain list\n  funcd domain list --json")]
    List,
    /// Give a domain a certificate, in place of the one it has.
    #[command(
        after_help = "Examples:\n  funcd domain certificate api.example.com --chain fullchain.pem --key privkey.pem\n  \
                            funcd domain certificate api.example.com --remove"
    )]
    Certificate {
        /// Host name of a bound domain.
        domain: String,
        /// Certificates in PEM: the domain's own, then those that sign it.
        #[arg(long, value_name = "FILE", requires = "key", required_unless_present = "remove")]
        chain: Option<PathBuf>,
        /// Its private key in PEM.
        #[arg(long, value_name = "FILE", requires = "chain")]
        key: Option<PathBuf>,
        /// What to call it.
        #[arg(long, default_value = "certificate")]
        name: String,
        /// Take the certificate away instead.
        #[arg(long, conflicts_with_all = ["chain", "key"])]
        remove: bool,
    },
    /// Take a domain from its group, and its certificate with it.
    #[command(after_help = "Examples:\n  funcd domain remove api.example.com --yes")]
    Remove {
        /// Host name.
        domain: String,
        /// Remove without asking.
        #[arg(short, long)]
        yes: bool,
    },
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<()> {
    match &arguments.command {
        Command::Add { domain, group, redirect, chain, key } => {
            let new = NewDomain {
                url_domain: Some(domain.clone()),
                is_http_redirect_to_https: Some(*redirect),
                ..NewDomain::default()
            };
            let files = chain.as_deref().zip(key.as_deref());
            let form = files.map(|files| form("certificate", files)).transpose()?;
            add(context, group, &new, form.as_ref())
        }
        Command::List => list(context),
        Command::Certificate { domain, chain: Some(chain), key: Some(key), name, .. } => {
            certify(context, domain, &form(name, (chain, key))?)
        }
        Command::Certificate { domain, .. } => uncertify(context, domain),
        Command::Remove { domain, yes } => remove(context, domain, *yes),
    }
}

/// The gateway and its groups.
struct Gateway {
    client: Client,
    instance: String,
    groups: Vec<Group>,
}

impl Gateway {
    fn ask(context: &Context<'_>) -> Result<Self> {
        let gateway = gateway::Gateway::ask(context)?;
        let groups = gateway.groups()?;
        Ok(Self { client: gateway.client, instance: gateway.id, groups })
    }

    fn group(&self, named: &str) -> Result<&Group> {
        let mut found = self.groups.iter().filter(|group| group.name == named || group.id == named);
        let first = found.next().with_context(|| {
            let names: Vec<_> = self.groups.iter().map(|group| escape(&group.name).to_string()).collect();
            format!("there is no API group '{}': there are {}", escape(named), names.join(", "))
        })?;
        if found.next().is_some() {
            bail!("several API groups are called '{}': give the id", escape(named));
        }
        Ok(first)
    }

    /// The group of a bound domain, and the domain.
    fn domain(&self, name: &str) -> Result<(&Group, &groups::UrlDomain)> {
        let all = self.groups.iter().flat_map(|group| group.url_domains.iter().map(move |domain| (group, domain)));
        let mut found = all.filter(|(_, domain)| domain.domain.eq_ignore_ascii_case(name));
        found.next().with_context(|| {
            format!("there is no domain '{}': `funcd domain list` shows those there are", escape(name))
        })
    }

    fn certificate(&self, group: &Group, domain: &groups::UrlDomain) -> Result<Option<CertificateDetails>> {
        let Some(certificate) = &domain.ssl_id else { return Ok(None) };
        let place = [self.instance.as_str(), &group.id, &domain.id, certificate];
        Ok(Some(self.client.call(shape::SHOW_CERTIFICATE, Call::of(&place))?))
    }
}

/// A line of the list.
#[derive(Serialize)]
struct Listed<'a> {
    domain: &'a str,
    id: &'a str,
    group: &'a str,
    group_id: &'a str,
    certificate: Option<CertificateDetails>,
}

fn form(name: &str, (chain, key): (&Path, &Path)) -> Result<CertificateForm> {
    Ok(CertificateForm { name: Some(name.to_owned()), cert_content: Some(read(chain)?), private_key: Some(read(key)?) })
}

fn read(path: &Path) -> Result<String> {
    let about = || format!("cannot read {}", path.display());
    let size = std::fs::metadata(path).with_context(about)?.len();
    if size > LARGEST {
        bail!("{} has {size} bytes, which is no certificate or key in PEM", path.display());
    }
    std::fs::read_to_string(path).with_context(about)
}

fn add(context: &Context<'_>, group: &str, new: &NewDomain, form: Option<&CertificateForm>) -> Result<()> {
    let gateway = Gateway::ask(context)?;
    let group = gateway.group(group)?;
    let place = [gateway.instance.as_str(), &group.id];
    let made: shape::Domain = gateway.client.call(shape::ASSOCIATE, Call::of(&place).body(new)?)?;
    let said = format!("{} leads to the API group {}", escape(&made.url_domain), escape(&group.name));
    let Some(form) = form else { return context.output.data(&made, || said) };
    let place = [gateway.instance.as_str(), &group.id, &made.id];
    let certified: Result<DomainWithCertificate, _> =
        gateway.client.call(shape::ASSOCIATE_CERTIFICATE, Call::of(&place).body(form)?);
    let certified = certified.with_context(|| {
        format!("the domain is bound, but without a certificate; `funcd domain certificate {}`", made.url_domain)
    })?;
    context.output.data(&certified, || format!("{said}, with a certificate"))
}

fn list(context: &Context<'_>) -> Result<()> {
    let gateway = Gateway::ask(context)?;
    let mut listed = Vec::new();
    for group in &gateway.groups {
        for domain in &group.url_domains {
            let certificate = gateway.certificate(group, domain)?;
            let (id, name) = (domain.id.as_str(), domain.domain.as_str());
            listed.push(Listed { domain: name, id, group: &group.name, group_id: &group.id, certificate });
        }
    }
    if listed.is_empty() && !context.output.json {
        context.output.note("no domains yet: `funcd domain add NAME --group GROUP` binds one");
        return Ok(());
    }
    let mut table = Table::new(&["DOMAIN", "GROUP", "CERTIFICATE", "VALID UNTIL", "ISSUER"]);
    for one in &listed {
        let own = one.certificate.as_ref();
        let text = |of: fn(&CertificateDetails) -> String| own.map_or_else(|| "-".to_owned(), of);
        let (name, until) = (text(|own| own.name.clone()), text(|own| own.not_after.clone()));
        let issuer = text(|own| own.issuer.join(", "));
        table.row([one.domain, one.group, &name, &until, &issuer]);
    }
    context.output.data(&listed, || table.text())
}

fn certify(context: &Context<'_>, domain: &str, form: &CertificateForm) -> Result<()> {
    let gateway = Gateway::ask(context)?;
    let (group, domain) = gateway.domain(domain)?;
    let place = [gateway.instance.as_str(), &group.id, &domain.id];
    let certified: DomainWithCertificate =
        gateway.client.call(shape::ASSOCIATE_CERTIFICATE, Call::of(&place).body(form)?)?;
    context.output.data(&certified, || format!("{} has the certificate", escape(&domain.domain)))
}

fn uncertify(context: &Context<'_>, domain: &str) -> Result<()> {
    let gateway = Gateway::ask(context)?;
    let (group, domain) = gateway.domain(domain)?;
    let certificate = domain.ssl_id.as_deref();
    let certificate = certificate.with_context(|| format!("{} has no certificate", escape(&domain.domain)))?;
    let place = [gateway.instance.as_str(), &group.id, &domain.id, certificate];
    gateway.client.perform(shape::DISASSOCIATE_CERTIFICATE, Call::of(&place))?;
    let answer = json!({ "domain": domain.domain, "certificate": null });
    context.output.data(&answer, || format!("{} has no certificate any more", escape(&domain.domain)))
}

fn remove(context: &Context<'_>, name: &str, yes: bool) -> Result<()> {
    let gateway = Gateway::ask(context)?;
    let (group, domain) = gateway.domain(name)?;
    if !yes {
        delete::confirm(&domain.domain, "its certificate", context.output.interactive)?;
    }
    let place = [gateway.instance.as_str(), &group.id, &domain.id];
    gateway.client.perform(shape::DISASSOCIATE, Call::of(&place))?;
    let answer = json!({ "domain": domain.domain, "removed": true });
    context.output.data(&answer, || format!("removed {}", escape(&domain.domain)))
}
