//! Templates: functions to begin with, list and show.

mod catalogue;

use std::io::{Cursor, Write as _};

use axum::Json;
use axum::extract::{FromRequestParts, State as Extract};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::request::Parts;
use model::function::{BOOTSTRAP, HTTP_RUNTIME};
use runtimes::Runtimes;
use serde_json::json;
use wire::codes;
use wire::fgs::templates::{self as shape, ListTemplatesResponse, TemplateDetail, TriggerMetadata};
use zip::ZipWriter;
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;

use self::catalogue::{TEMPLATES, Template, Trigger};
use crate::error::Error;
use crate::page::Page;
use crate::problems::{Problems, quoted};
use crate::query::Query;
use crate::router::Routes;
use crate::state::State;
use crate::target::parameter;

pub(crate) fn routes(routes: &mut Routes) {
    routes.on(shape::LIST, list).on(shape::SHOW, show);
}

async fn list(query: Query) -> Result<Json<ListTemplatesResponse>, Error> {
    let page = Page::read(&query, &["maxitems"])?;
    let mut problems = Problems::default();
    // All there are are public.
    let private = query.text("ispublic").is_some() && !query.flag("ispublic", &mut problems);
    problems.finish()?;
    let is = |name: &str, own: &str| query.text(name).is_none_or(|wanted| wanted.eq_ignore_ascii_case(own));
    let all = TEMPLATES.iter().filter(|one| {
        !private && is("runtime", HTTP_RUNTIME) && is("scene", one.scene) && is("service", one.trigger.service())
    });
    let (func_templates, next_marker, _) = page.cut(all.collect(), |template| view(template, None));
    Ok(Json(ListTemplatesResponse { func_templates, next_marker }))
}

async fn show(Extract(state): Extract<State>, Id(id): Id) -> Result<Json<shape::Template>, Error> {
    let found = TEMPLATES.iter().find(|template| template.id == id);
    let template = found.ok_or_else(|| {
        let all = TEMPLATES.map(|template| template.id).join(", ");
        Error::new(codes::TEMPLATE_MISSING, format!("there is no template {}; there are {all}", quoted(&id)))
    })?;
    let code = tokio::task::spawn_blocking(move || package(template, &state.runtimes)).await?;
    Ok(Json(view(template, Some(STANDARD.encode(code.map_err(Error::internal)?)))))
}

/// The template a path names.
struct Id(String);

impl FromRequestParts<State> for Id {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Error> {
        parameter(parts, &["template_id"]).await.map(Self)
    }
}

/// Its files as a zip; of the runtimes it can use, one that is installed, so that nothing has to be fetched for it.
fn package(template: &Template, runtimes: &Runtimes) -> ZipResult<Vec<u8>> {
    let usual = template.runtimes.first().copied().unwrap_or_default();
    let chosen = template.runtimes.iter().copied().find(|id| runtimes.is_installed(id)).unwrap_or(usual);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in template.files {
        let executable = *name == BOOTSTRAP || name.ends_with(".sh");
        let options = SimpleFileOptions::default().unix_permissions(if executable { 0o755 } else { 0o644 });
        writer.start_file(*name, options)?;
        match std::str::from_utf8(content) {
            Ok(text) if *name == BOOTSTRAP => {
                let text = text.replace(&format!("/runtime/{usual}/"), &format!("/runtime/{chosen}/"));
                writer.write_all(text.as_bytes())?;
            }
            _ => writer.write_all(content)?,
        }
    }
    Ok(writer.finish()?.into_inner())
}

fn view(template: &Template, code: Option<String>) -> shape::Template {
    let secrets: serde_json::Map<_, _> = template.secrets.iter().map(|name| ((*name).to_owned(), json!(""))).collect();
    shape::Template {
        id: template.id.to_owned(),
        r#type: 1,
        title: template.title.to_owned(),
        template_name: template.id.to_owned(),
        description: template.description.to_owned(),
        runtime: HTTP_RUNTIME.to_owned(),
        handler: BOOTSTRAP.to_owned(),
        code_type: "zip".to_owned(),
        code,
        timeout: template.timeout,
        memory_size: template.memory,
        trigger_metadata_list: vec![trigger(template.trigger)],
        temp_detail: TemplateDetail {
            input: template.input.to_owned(),
            output: template.output.to_owned(),
            warning: template.warning.to_owned(),
        },
        user_data: template.variables.to_owned(),
        encrypted_user_data: if secrets.is_empty() { String::new() } else { json!(secrets).to_string() },
        dependencies: Vec::new(),
        scene: template.scene.to_owned(),
        service: template.trigger.service().to_owned(),
    }
}

fn trigger(trigger: Trigger) -> TriggerMetadata {
    let event_data = match trigger {
        Trigger::Api => json!({"auth": "IAM", "protocol": "HTTP", "req_method": "ANY", "match_mode": "SWA"}),
        Trigger::Timer => json!({"schedule_type": "Rate", "schedule": "1h", "user_event": ""}),
    };
    TriggerMetadata {
        trigger_name: trigger.service().to_lowercase(),
        trigger_type: trigger.service().to_owned(),
        event_type: String::new(),
        event_data: event_data.to_string(),
    }
}
