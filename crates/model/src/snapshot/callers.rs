//! Who may call the APIs that are not open to anybody, with their secrets in the clear: nothing here is ever written anywhere.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::apig::Definition;
use crate::apig::app::Client;
use crate::apig::authorizer::Authorizer;
use crate::trigger;

/// Who may call an API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Auth {
    /// Anyone.
    #[default]
    None,
    /// Apps that the API was opened to.
    App {
        /// Whether an AppCode proves one, too.
        simple: bool,
    },
    /// IAM users whose policies allow it.
    Iam,
    /// Whom the authorizer with this id lets in.
    Authorizer(Arc<str>),
}

impl Auth {
    /// What an API asks for.
    pub(super) fn of(definition: &Definition) -> Self {
        match definition.auth {
            trigger::Auth::None => Self::None,
            trigger::Auth::App => Self::App { simple: definition.simple_auth },
            trigger::Auth::Iam => Self::Iam,
            trigger::Auth::Authorizer => {
                Self::Authorizer(definition.authorizer_id.as_deref().unwrap_or_default().into())
            }
        }
    }
}

/// SHA-256 of an AppCode: looked up instead of the text, so that no comparison takes longer the nearer a guess is.
pub type Fingerprint = [u8; 32];

/// Everybody who calls with something of their own.
#[derive(Debug, Default)]
pub struct Callers {
    clients: BTreeMap<String, Arc<Client>>,
    keys: HashMap<String, Arc<Client>>,
    codes: HashMap<Fingerprint, Arc<Client>>,
    authorizers: BTreeMap<String, Arc<Authorizer>>,
}

impl Callers {
    /// Puts the apps together; `fingerprint` is SHA-256.
    pub fn new(clients: Vec<Client>, fingerprint: impl Fn(&str) -> Fingerprint) -> Self {
        let mut callers = Self::default();
        for client in clients.into_iter().map(Arc::new) {
            for code in &client.codes {
                callers.codes.insert(fingerprint(code.text.expose()), Arc::clone(&client));
            }
            callers.keys.insert(client.app.key.clone(), Arc::clone(&client));
            callers.clients.insert(client.app.id.clone(), client);
        }
        callers
    }

    /// With functions that decide.
    pub fn with_authorizers(self, authorizers: Vec<Authorizer>) -> Self {
        let authorizers = authorizers.into_iter().map(|own| (own.id.clone(), Arc::new(own))).collect();
        Self { authorizers, ..self }
    }

    /// All authorizers, by id.
    pub fn authorizers(&self) -> impl Iterator<Item = &Arc<Authorizer>> + Clone {
        self.authorizers.values()
    }

    /// The authorizer with this id.
    pub fn authorizer(&self, id: &str) -> Option<&Arc<Authorizer>> {
        self.authorizers.get(id)
    }

    /// All apps, by id.
    pub fn clients(&self) -> impl Iterator<Item = &Arc<Client>> {
        self.clients.values()
    }

    /// The app with this id.
    pub fn client(&self, id: &str) -> Option<&Arc<Client>> {
        self.clients.get(id)
    }

    /// The app with this AppKey.
    pub fn by_key(&self, key: &str) -> Option<&Arc<Client>> {
        self.keys.get(key)
    }

    /// The app with this AppCode.
    pub fn by_code(&self, code: &Fingerprint) -> Option<&Arc<Client>> {
        self.codes.get(code)
    }
}
