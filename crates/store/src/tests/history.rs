//! Random histories, compared with a map.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Create(u8, u8),
    Update(u8, u32),
    Redeploy(u8, u8),
    Delete(u8),
    Publish(u8, u8),
    Withdraw(u8),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let name = 0..4_u8;
    prop_oneof![
        3 => (name.clone(), 0..3_u8).prop_map(|(name, code)| Step::Create(name, code)),
        3 => (name.clone(), 1..9_u32).prop_map(|(name, memory)| Step::Update(name, memory * 128)),
        2 => (name.clone(), 0..3_u8).prop_map(|(name, code)| Step::Redeploy(name, code)),
        2 => name.clone().prop_map(Step::Delete),
        3 => (name.clone(), 0..4_u8).prop_map(|(name, path)| Step::Publish(name, path)),
        1 => name.prop_map(Step::Withdraw),
        1 => Just(Step::Reopen),
    ]
}

/// What the store should hold.
#[derive(Clone, Debug, Default)]
struct Expected {
    /// Name to memory and package.
    functions: BTreeMap<u8, (u32, u8)>,
    /// Path to name.
    paths: BTreeMap<u8, u8>,
}

impl Expected {
    /// Whether the step is allowed; then it has happened.
    fn apply(&mut self, step: &Step) -> bool {
        match *step {
            Step::Create(name, code) => {
                !self.functions.contains_key(&name) && {
                    self.functions.insert(name, (128, code));
                    true
                }
            }
            Step::Update(name, memory) => self.functions.get_mut(&name).map(|own| own.0 = memory).is_some(),
            Step::Redeploy(name, code) => self.functions.get_mut(&name).map(|own| own.1 = code).is_some(),
            Step::Delete(name) => self.functions.remove(&name).map(|_| self.withdraw(name)).is_some(),
            Step::Publish(name, path) => {
                self.functions.contains_key(&name) && !self.paths.contains_key(&path) && {
                    self.paths.insert(path, name);
                    true
                }
            }
            Step::Withdraw(name) => {
                self.functions.contains_key(&name) && {
                    self.withdraw(name);
                    true
                }
            }
            Step::Reopen => true,
        }
    }

    fn withdraw(&mut self, name: u8) {
        self.paths.retain(|_, owner| *owner != name);
    }
}

async fn apply(store: &mut Store, home: &Home, step: &Step) -> bool {
    let function = |name: u8| id(store, &format!("f{name}"));
    match *step {
        Step::Create(name, code) => {
            let code = put(store, &code.to_string()).await;
            store.create_function(function(name), settings(), code).await.is_ok()
        }
        Step::Update(name, memory_mb) => {
            store.update_function(&function(name), Some(FunctionConfig { memory_mb, ..settings() }), None).await.is_ok()
        }
        Step::Redeploy(name, code) => {
            let code = put(store, &code.to_string()).await;
            store.update_function(&function(name), None, Some(code)).await.is_ok()
        }
        Step::Delete(name) => store.delete_function(&function(name)).await.is_ok(),
        Step::Publish(name, path) => {
            let group = default_group(store).await;
            store.create_trigger(trigger(&function(name), &group, &format!("/{path}"))).await.is_ok()
        }
        Step::Withdraw(name) => store.delete_triggers(&function(name), &Qualifier::Latest).await.is_ok(),
        Step::Reopen => {
            store.close().await;
            *store = home.open().await;
            true
        }
    }
}

fn compare(store: &Store, expected: &Expected) -> Result<(), TestCaseError> {
    let functions: BTreeMap<u8, (u32, u8)> = store
        .functions(store.project())
        .iter()
        .map(|function| {
            let content = std::fs::read_to_string(function.latest.code.root.join("lib/text")).unwrap();
            (function.id.name[1..].parse().unwrap(), (function.latest.config.memory_mb, content.parse().unwrap()))
        })
        .collect();
    prop_assert_eq!(&functions, &expected.functions);
    for path in 0..4 {
        let owner = expected.paths.get(&path).map_or("none".to_owned(), |name| format!("f{name}"));
        prop_assert_eq!(routed(store, "h", &format!("/{path}/x")), owner);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_store_does_what_a_map_would(steps in proptest::collection::vec(step(), 1..25)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let home = Home::new();
            let mut store = home.open().await;
            let mut expected = Expected::default();
            let mut generation = 0;
            for step in &steps {
                let allowed = expected.apply(step);
                prop_assert_eq!(apply(&mut store, &home, step).await, allowed, "{:?}", step);
                let now = store.snapshots().load().generation;
                let grew = now > generation;
                prop_assert_eq!(grew, allowed && !matches!(step, Step::Reopen), "{:?}", step);
                generation = now;
                compare(&store, &expected)?;
            }
            store.close().await;
            Ok(())
        })?;
    }
}
