use super::*;
use crate::NewCertificate;

fn certificate(key: &[u8]) -> NewCertificate {
    let (chain, key) = (vec![vec![1, 2], vec![3]], key.to_vec().into());
    NewCertificate { name: "own".into(), chain, key, ordered: true, not_after: model::time::now() }
}

#[tokio::test]
async fn domains_and_certificates_survive_a_restart() {
    let home = Home::new();
    let store = home.open().await;
    let (project, group) = (store.project().to_owned(), default_group(&store).await.id);
    let domain = store.bind_domain(&project, &group, "*.Example.com", true).await.unwrap();
    let bound = store.bind_certificate(&project, &group, &domain.id, certificate(b"a secret key")).await.unwrap();
    let found = |store: &Store| store.snapshots().load().domains().find("a.example.com").cloned().unwrap();
    let before = found(&store);
    assert_eq!((before.redirect, before.certificate.as_ref().unwrap().key.as_slice()), (true, &b"a secret key"[..]));
    store.close().await;
    let store = home.open().await;
    assert_eq!(found(&store), before);
    let kept = store.custom_domains(&project, None).await.unwrap().remove(0);
    assert_eq!((kept.id, kept.name, kept.redirect), (bound.id, bound.name, true));
    let (kept, bound) = (kept.certificate.unwrap(), bound.certificate.unwrap());
    assert_eq!((kept.id, kept.chain, kept.ordered), (bound.id, bound.chain, true));
}

#[tokio::test]
async fn a_certificate_that_stays_is_not_opened_again() {
    let home = Home::new();
    let store = home.open().await;
    let (project, group) = (store.project().to_owned(), default_group(&store).await.id);
    let domain = store.bind_domain(&project, &group, "a.example.com", false).await.unwrap();
    store.bind_certificate(&project, &group, &domain.id, certificate(b"one")).await.unwrap();
    let own =
        |store: &Store| store.snapshots().load().domains().find("a.example.com").unwrap().certificate.clone().unwrap();
    let before = own(&store);
    store.bind_domain(&project, &group, "b.example.com", false).await.unwrap();
    create(&store, "web").await;
    assert!(Arc::ptr_eq(&before, &own(&store)));
    store.bind_certificate(&project, &group, &domain.id, certificate(b"two")).await.unwrap();
    assert_ne!(before.id, own(&store).id);
}

#[tokio::test]
async fn domains_go_with_their_group() {
    let home = Home::new();
    let store = home.open().await;
    let project = store.project().to_owned();
    let group = store.ensure_group(&project, None, "web", "web.localhost").await.unwrap();
    store.bind_domain(&project, &group.id, "a.example.com", false).await.unwrap();
    store.delete_api_group(&project, &group.id).await.unwrap();
    assert_eq!(store.custom_domains(&project, None).await.unwrap(), []);
    assert!(store.snapshots().load().domains().is_empty());
    store.bind_domain(&project, &default_group(&store).await.id, "a.example.com", false).await.unwrap();
}
