//! Plug-ins.

use model::apig::plugins::{Kind, Plugin};
use model::apig::policies::{self, Book};

use super::policies::PLUGIN;
use crate::audit::Subject;
use crate::database::{micros, timestamp};
use crate::error::Error;
use crate::identity::{Plan, Write};
use crate::store::Store;
use crate::{policy, quota};

/// Plug-ins of a project.
const PLUGINS: usize = 500;

/// A plug-in, new or changed; its document has been read.
#[derive(Clone, Debug)]
pub struct NewPlugin {
    /// Unique in the project.
    pub name: String,
    /// What its document is.
    pub kind: Kind,
    /// The document.
    pub content: String,
    /// For people.
    pub remark: String,
}

impl Store {
    /// A new plug-in.
    ///
    /// # Errors
    /// [`Error::PolicyExists`] for its name; [`Error::Quota`].
    pub async fn create_plugin(&self, project: &str, new: NewPlugin) -> Result<Plugin, Error> {
        let project = project.to_owned();
        let id = auth::keys::id();
        self.alter_policies(Subject::new(&PLUGIN, id.clone(), new.name.clone()), move |book| {
            check_name(book, &project, &new.name)?;
            if book.plugins.values().filter(|own| own.project == project).count() >= PLUGINS {
                return Err(Error::Quota { what: quota::PLUGINS, limit: PLUGINS as u64 });
            }
            let created = timestamp(micros(model::time::now()))?;
            let NewPlugin { name, kind, content, remark } = new;
            let plugin = Plugin { id, project, name, kind, content, remark, created, modified: created };
            let write = Write::new(
                "INSERT INTO plugins (id, name, content, remark, modified, project, kind, created) VALUES ($1, $2, $3, $4, $5, $6, $7, $5)",
            );
            let write = values(write, &plugin).text(&plugin.project).text(kind.code());
            Ok(Plan { writes: vec![write], answer: plugin })
        })
        .await
    }

    /// Replaces a plug-in, but for its type; where it is bound the new one holds from now on.
    ///
    /// # Errors
    /// [`Error::PolicyMissing`]; [`Error::PolicyExists`] for its name; [`Error::PolicyRefused`] for another type.
    pub async fn update_plugin(&self, project: &str, id: &str, new: NewPlugin) -> Result<Plugin, Error> {
        let (project, id) = (project.to_owned(), id.to_owned());
        self.alter_policies(Subject::new(&PLUGIN, id.clone(), new.name.clone()), move |book| {
            let old = find(book, &project, &id)?;
            if new.name != old.name {
                check_name(book, &project, &new.name)?;
            }
            if new.kind != old.kind {
                return Err(Error::PolicyRefused(format!("plugin_type cannot be changed, it is {}", old.kind.code())));
            }
            let modified = timestamp(micros(model::time::now()))?;
            let NewPlugin { name, content, remark, .. } = new;
            let plugin = Plugin { name, content, remark, modified, ..old.clone() };
            let write =
                Write::new("UPDATE plugins SET name = $2, content = $3, remark = $4, modified = $5 WHERE id = $1");
            Ok(Plan { writes: vec![values(write, &plugin)], answer: plugin })
        })
        .await
    }

    /// Deletes a plug-in that is bound nowhere.
    ///
    /// # Errors
    /// [`Error::PolicyMissing`]; [`Error::PolicyInUse`].
    pub async fn delete_plugin(&self, project: &str, id: &str) -> Result<(), Error> {
        let name = find(&self.policies(), project, id)?.name.clone();
        let (project, id) = (project.to_owned(), id.to_owned());
        self.alter_policies(Subject::new(&PLUGIN, id.clone(), name), move |book| {
            let plugin = find(book, &project, &id)?;
            let count = book.count(policies::Kind::Plugin, &id);
            if count > 0 {
                return Err(Error::PolicyInUse { what: policy::PLUGIN, name: plugin.name.clone(), count });
            }
            Ok(Plan { writes: vec![Write::new("DELETE FROM plugins WHERE id = $1").text(&id)], answer: () })
        })
        .await
    }
}

fn values(write: Write, plugin: &Plugin) -> Write {
    let write = write.text(&plugin.id).text(&plugin.name).text(&plugin.content).text(&plugin.remark);
    write.number(micros(plugin.modified))
}

/// A plug-in of another project is not there.
fn find<'a>(book: &'a Book, project: &str, id: &str) -> Result<&'a Plugin, Error> {
    let found = book.plugins.get(id).filter(|plugin| plugin.project == project);
    found.ok_or_else(|| Error::PolicyMissing { what: policy::PLUGIN, id: id.to_owned() })
}

fn check_name(book: &Book, project: &str, name: &str) -> Result<(), Error> {
    match book.plugins.values().any(|other| other.project == project && other.name == name) {
        true => Err(Error::PolicyExists { what: policy::PLUGIN, name: name.to_owned() }),
        false => Ok(()),
    }
}
