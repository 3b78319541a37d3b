//! Permanent access keys: sealed in the database, in the clear in memory, because each API request is checked against one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use model::secret::Secret;
use sqlx::SqliteConnection;

use crate::database::{failed, micros};
use crate::error::Error;
use crate::identity::{AccessKey, Plan, Write, missing};
use crate::settings::Settings;
use crate::store::Store;

/// Access keys of a user. The vendor allows two; rotation needs one more than is in use.
const KEYS_OF_A_USER: usize = 10;
/// How exactly the tables say when a key was last used.
const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// An access key of the first user, and the project to use it in.
#[derive(Clone, Debug)]
pub struct Credential {
    /// 20 characters.
    pub access_key: String,
    /// 40 characters.
    pub secret_key: Secret,
    /// The first project.
    pub project: String,
}

impl Store {
    /// The oldest active access key of the first user: what the commands of this machine use. There is one at each start, as one is
    /// made if need be; later its owner may delete it.
    pub fn first_credential(&self) -> Option<Credential> {
        let identities = self.identities();
        let keys = identities.access_keys_of(&identities.first_user);
        let key = keys.into_iter().find(|key| key.active)?;
        let project = self.project().to_owned();
        Some(Credential { access_key: key.access_key.clone(), secret_key: key.secret_key.clone(), project })
    }

    /// A new access key for a user; the only time its secret key is given out.
    ///
    /// # Errors
    /// [`Error::IdentityMissing`]; [`Error::IdentityConflict`] when the user has ten.
    pub async fn create_access_key(&self, user: &str, description: &str) -> Result<AccessKey, Error> {
        let made = AccessKey {
            access_key: auth::keys::access_key(),
            secret_key: Secret::new(auth::keys::secret_key()),
            user: user.to_owned(),
            active: true,
            description: description.to_owned(),
            created: model::time::now(),
            last_used: None,
        };
        let sealed = seal(&self.inner.key, &context(self.project(), &made.access_key), &made.secret_key);
        let write = Write::new(INSERT)
            .text(&made.access_key)
            .text(self.project())
            .text(&sealed)
            .text(user)
            .text(description)
            .number(micros(made.created));
        self.alter(move |identities, _| {
            if !identities.users.contains_key(&made.user) {
                return Err(missing("user", &made.user));
            }
            if identities.access_keys_of(&made.user).len() >= KEYS_OF_A_USER {
                let text = format!("the user has {KEYS_OF_A_USER} access keys already: delete one first");
                return Err(Error::IdentityConflict(text));
            }
            Ok(Plan { writes: vec![write], answer: made })
        })
        .await
    }

    /// Switches an access key on or off, or describes it.
    ///
    /// # Errors
    /// [`Error::IdentityMissing`].
    pub async fn update_access_key(
        &self,
        access_key: &str,
        active: Option<bool>,
        description: Option<String>,
    ) -> Result<AccessKey, Error> {
        let access_key = access_key.to_owned();
        self.alter(move |identities, _| {
            let known = identities.access_keys.get(&access_key);
            let mut key = known.cloned().ok_or_else(|| missing("access key", &access_key))?;
            key.active = active.unwrap_or(key.active);
            key.description = description.unwrap_or(key.description);
            let write = Write::new("UPDATE credentials SET active = $1, description = $2 WHERE access_key = $3")
                .number(i64::from(key.active))
                .text(&key.description)
                .text(&access_key);
            Ok(Plan { writes: vec![write], answer: key })
        })
        .await
    }

    /// Deletes an access key.
    ///
    /// # Errors
    /// [`Error::IdentityMissing`].
    pub async fn delete_access_key(&self, access_key: &str) -> Result<(), Error> {
        let access_key = access_key.to_owned();
        self.alter(move |identities, _| {
            if !identities.access_keys.contains_key(&access_key) {
                return Err(missing("access key", &access_key));
            }
            let write = Write::new("DELETE FROM credentials WHERE access_key = $1").text(&access_key);
            Ok(Plan { writes: vec![write], answer: () })
        })
        .await
    }

    /// When an access key last signed something.
    pub fn last_used(&self, key: &AccessKey) -> Option<Timestamp> {
        self.inner.last_used.lock().get(&key.access_key).copied().max(key.last_used)
    }

    /// Notes that an access key signed something; the tables learn it once a minute at most, behind the request's back.
    pub fn note_use(&self, access_key: &str, now: Timestamp) {
        {
            let mut noted = self.inner.last_used.lock();
            let recent = |last: &Timestamp| now.duration_since(*last) < NOTED_EVERY;
            if noted.get(access_key).is_some_and(recent) {
                return;
            }
            noted.insert(access_key.to_owned(), now);
        }
        let (store, access_key) = (self.clone(), access_key.to_owned());
        self.inner.tasks.spawn(async move {
            if let Err(error) = store.write_use(&access_key, now).await {
                tracing::warn!(access_key, %error, "store.use_not_noted");
            }
        });
    }

    async fn write_use(&self, access_key: &str, now: Timestamp) -> Result<(), Error> {
        let mut turn = self.inner.database.turn().await?;
        sqlx::query("UPDATE credentials SET last_used = $1 WHERE access_key = $2")
            .bind(micros(now))
            .bind(access_key)
            .execute(&mut *turn.transaction)
            .await
            .map_err(failed("cannot note the use of an access key"))?;
        turn.commit().await.map(drop)
    }
}

const INSERT: &str = "INSERT INTO credentials (access_key, project, secret_key, user_id, description, created) \
                      VALUES ($1, $2, $3, $4, $5, $6)";

/// Keys of before become the first user's; one is made when that user has none that is active.
pub(crate) async fn make_first(
    connection: &mut SqliteConnection,
    key: &auth::seal::Key,
    settings: &Settings,
) -> Result<(), Error> {
    sqlx::query("UPDATE credentials SET user_id = $1 WHERE user_id IS NULL")
        .bind(&settings.first_user)
        .execute(&mut *connection)
        .await
        .map_err(failed("cannot give the access keys to the first user"))?;
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM credentials WHERE user_id = $1 AND active = 1")
        .bind(&settings.first_user)
        .fetch_one(&mut *connection)
        .await
        .map_err(failed("cannot read the credentials"))?;
    if count > 0 {
        return Ok(());
    }
    let access_key = auth::keys::access_key();
    let secret_key = Secret::new(auth::keys::secret_key());
    sqlx::query(INSERT)
        .bind(&access_key)
        .bind(&settings.project)
        .bind(seal(key, &context(&settings.project, &access_key), &secret_key))
        .bind(&settings.first_user)
        .bind("made by funcd")
        .bind(micros(model::time::now()))
        .execute(connection)
        .await
        .map_err(failed("cannot store the first credential"))?;
    Ok(())
}

/// Which access key: bound into the sealed bytes. The project is the first one, whoever the key is for.
pub(crate) fn context(project: &str, access_key: &str) -> String {
    format!("{project}/{access_key}/secret_key")
}

/// A secret as the tables keep it.
pub(crate) fn seal(key: &auth::seal::Key, context: &str, secret: &Secret) -> String {
    STANDARD.encode(key.seal(context, secret.expose().as_bytes()))
}

/// And back. One error for every reason: none of them may say anything about the secret.
pub(crate) fn open(key: &auth::seal::Key, context: &str, sealed: &str) -> Result<Secret, auth::seal::Error> {
    let sealed = STANDARD.decode(sealed).map_err(|_| auth::seal::Error)?;
    let plain = key.open(context, &sealed)?;
    // On the rare error path the bytes are not wiped; they were never ours to begin with.
    String::from_utf8(plain).map(Secret::new).map_err(|_| auth::seal::Error)
}
