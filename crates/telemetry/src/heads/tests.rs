use super::*;
use model::heads::{Answered, Asked, Fields};
use model::limits::HEAD_BYTES;

const MINUTE: Duration = Duration::from_mins(1);

fn id(project: &str, name: &str) -> FunctionId {
    FunctionId { region: "r".into(), project: project.into(), package: "default".into(), name: name.into() }
}

fn names(all: &[&str]) -> Names {
    let mut names = Names::default();
    all.iter().for_each(|name| names.list(name).unwrap());
    names
}

/// Heads of a request, with as many values as fit if it is `large`.
fn heads(request_id: &str, large: bool) -> Heads {
    let mut fields = Fields::default();
    for _ in 0..if large { 100 } else { 1 } {
        fields.add("etag", "x".repeat(if large { 1000 } else { 1 }).as_bytes(), &Names::default());
    }
    let asked = Asked { fields: fields.clone(), ..Asked::new("GET", "/", None) };
    Heads { request_id: request_id.into(), asked, answered: Some(Answered { status: 200, fields }) }
}

/// Of these many, which ids are there still.
fn there(captures: &Captures, function: &FunctionId, requests: usize) -> Vec<usize> {
    (0..requests).filter(|number| captures.find(function, &number.to_string()).is_some()).collect()
}

#[test]
fn heads_are_wanted_of_the_function_that_was_switched_on_and_of_no_other() {
    let captures = Captures::default();
    let (web, other) = (id("p", "web"), id("q", "web"));
    assert!(captures.wanted(&web).is_none() && captures.state(&web).is_none());
    let state = captures.start(&web, names(&["x-tenant"]), MINUTE).unwrap();
    assert_eq!((state.running, state.requests, state.names.listed()), (true, 0, &["x-tenant".to_owned()][..]));
    assert_eq!(state.ends.duration_since(state.started), SignedDuration::from_mins(1));
    assert!(captures.wanted(&other).is_none());
    let taken = captures.wanted(&web).unwrap();
    captures.keep(&web, &taken, heads("r1", false));
    assert_eq!(captures.find(&web, "r1").unwrap().answered.as_ref().unwrap().status, 200);
    assert!(captures.find(&web, "r2").is_none() && captures.find(&other, "r1").is_none());
    assert_eq!(captures.running("p").len(), 1);
    assert!(captures.running("q").is_empty());

    assert_eq!(captures.stop(&web).unwrap().requests, 1);
    assert!(captures.find(&web, "r1").is_none() && captures.wanted(&web).is_none() && captures.stop(&web).is_none());
    assert!(!captures.any.load(Relaxed));
    // A request that was under way meanwhile.
    captures.keep(&web, &taken, heads("r3", false));
    captures.start(&web, Names::default(), MINUTE).unwrap();
    captures.keep(&web, &taken, heads("r4", false));
    assert!(captures.find(&web, "r3").is_none() && captures.find(&web, "r4").is_none());
}

#[test]
fn one_that_is_started_again_goes_on_with_what_it_has_unless_other_names_are_listed() {
    let captures = Captures::default();
    let web = id("p", "web");
    captures.start(&web, names(&["a"]), MINUTE).unwrap();
    let taken = captures.wanted(&web).unwrap();
    captures.keep(&web, &taken, heads("r1", false));
    let longer = captures.start(&web, names(&["A"]), 2 * MINUTE).unwrap();
    assert_eq!(longer.requests, 1);
    assert!(longer.ends.duration_since(longer.started) >= SignedDuration::from_mins(2));
    captures.keep(&web, &taken, heads("r2", false));
    assert!(captures.find(&web, "r2").is_some());
    assert_eq!(captures.start(&web, names(&["b"]), MINUTE).unwrap().requests, 0);
    assert!(captures.find(&web, "r1").is_none());
}

#[tokio::test(start_paused = true)]
async fn it_ends_by_itself_and_an_hour_later_nothing_is_left() {
    let captures = Captures::default();
    let web = id("p", "web");
    captures.start(&web, Names::default(), MINUTE).unwrap();
    let taken = captures.wanted(&web).unwrap();
    captures.keep(&web, &taken, heads("r1", false));
    tokio::time::advance(MINUTE).await;
    assert!(captures.wanted(&web).is_none() && captures.running("p").is_empty());
    assert_eq!(captures.state(&web).map(|state| (state.running, state.requests)), Some((false, 1)));
    // A request that began in time.
    captures.keep(&web, &taken, heads("r2", false));
    captures.sweep();
    assert!(!captures.any.load(Relaxed), "requests pay for one that is over");
    assert!(captures.find(&web, "r1").is_some() && captures.find(&web, "r2").is_some());
    tokio::time::advance(READABLE).await;
    assert!(captures.find(&web, "r1").is_none() && captures.state(&web).is_none());
    captures.sweep();
    let all = captures.all.read();
    assert_eq!((all.captures.len(), all.bytes), (0, 0));
}

#[test]
fn the_newest_are_kept_and_who_has_most_makes_room() {
    let captures = Captures::default();
    let (small, one, other) = (id("p", "small"), id("p", "one"), id("q", "other"));
    for function in [&small, &one, &other] {
        captures.start(function, Names::default(), MINUTE).unwrap();
    }
    let keep = |function: &FunctionId, requests: usize, large| {
        let taken = captures.wanted(function).unwrap();
        (0..requests).for_each(|number| captures.keep(function, &taken, heads(&number.to_string(), large)));
    };
    keep(&small, HEADS + 2, false);
    assert_eq!(there(&captures, &small, HEADS + 2), (2..HEADS + 2).collect::<Vec<_>>());
    // As many large ones as there is no room for.
    let functions = ALL_HEADS_BYTES / (HEADS * HEAD_BYTES * 3 / 2);
    let more: Vec<_> = (0..functions).map(|number| id(&format!("more{number}"), "web")).collect();
    for function in &more {
        captures.start(function, Names::default(), MINUTE).unwrap();
        keep(function, HEADS, true);
    }
    keep(&one, HEADS, true);
    keep(&other, HEADS, true);
    let all = captures.all.read();
    let weight: usize = all.captures.values().flat_map(|capture| &capture.kept).map(|heads| heads.weight()).sum();
    assert_eq!(all.bytes, weight);
    assert!(weight <= ALL_HEADS_BYTES && weight > ALL_HEADS_BYTES * 9 / 10, "{weight}");
    drop(all);
    assert_eq!(there(&captures, &small, HEADS + 2).len(), HEADS, "who has little loses nothing");
    for function in more.iter().chain([&one, &other]) {
        assert!(there(&captures, function, HEADS).len() > HEADS / 2, "{function}");
    }
}

#[tokio::test(start_paused = true)]
async fn so_many_run_at_the_same_time_and_one_more_is_refused() {
    let captures = Captures::default();
    let (of_project, of_all) = HEADER_CAPTURES;
    let start = |project: &str, name: usize| captures.start(&id(project, &name.to_string()), Names::default(), MINUTE);
    for name in 0..of_project {
        start("p", name).unwrap();
    }
    let refused = start("p", of_project).unwrap_err();
    assert_eq!(refused, TooMany { limit: of_project, of_project: true });
    assert!(refused.to_string().contains("16 functions of the project"), "{refused}");
    // One that runs may go on.
    start("p", 0).unwrap();
    for name in of_project..of_all {
        start(&format!("p{name}"), name).unwrap();
    }
    assert_eq!(start("last", 0), Err(TooMany { limit: of_all, of_project: false }));
    tokio::time::advance(MINUTE).await;
    // What is over makes room.
    start("last", 0).unwrap();
    assert_eq!(captures.all.read().captures.len(), of_all);
}

#[test]
fn a_function_that_is_deleted_leaves_nothing() {
    let captures = Captures::default();
    let web = id("p", "web");
    captures.start(&web, Names::default(), MINUTE).unwrap();
    captures.forget("urn:fss:r:p:function:default:we");
    assert!(captures.state(&web).is_some());
    captures.forget(&web.to_string());
    assert!(captures.state(&web).is_none());
}
