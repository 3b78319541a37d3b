use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::*;
use crate::cts::traces;
use crate::iam::Named;
use crate::schema::{Cover, Specification};
use crate::{Operation, fgs};

fn specification() -> Specification {
    Specification::read(include_str!("../../../../spec/funcd.openapi.json"))
}

/// The struct's fields are the schema's: both are ours.
#[track_caller]
fn check<T: for<'de> Deserialize<'de>>(specification: &Specification, schema: &str) {
    specification.check::<T>(&[schema], &[], Cover::Whole);
}

/// The same of an instance, which begins with what was known of its start.
#[track_caller]
fn check_instance<T: Default + Serialize>(specification: &Specification, schema: &str) {
    let whole = serde_json::to_value(T::default()).unwrap();
    let mut ours: BTreeSet<&str> = whole.as_object().unwrap().keys().map(String::as_str).collect();
    ours.extend(crate::fields::<instances::Start>());
    specification.check_names(schema, &ours);
}

#[test]
fn each_schema_of_ours_is_that_of_a_struct() {
    let ours = specification();
    check::<info::Info>(&ours, "FuncdInfo");
    check::<logs::Line>(&ours, "FuncdLogLine");
    check::<requests::ListRequestsResponse>(&ours, "FuncdRequests");
    check::<requests::Record>(&ours, "FuncdRequest");
    check::<requests::Timings>(&ours, "FuncdTimings");
    check::<instances::ListInstancesResponse>(&ours, "FuncdFunctionInstances");
    check_instance::<instances::Instance>(&ours, "FuncdInstance");
    check_instance::<instances::EndedInstance>(&ours, "FuncdEndedInstance");
    check::<runtimes::ListRuntimesResponse>(&ours, "FuncdRuntimes");
    check::<runtimes::Runtime>(&ours, "FuncdRuntime");
    check::<runtimes::Installing>(&ours, "FuncdInstalling");
    check::<runtimes::InstallRequest>(&ours, "FuncdInstallRequest");
    check::<headers::StartCaptureRequest>(&ours, "FuncdStartCapture");
    check::<headers::Capture>(&ours, "FuncdCapture");
    check::<headers::ListCapturesResponse>(&ours, "FuncdCaptures");
    check::<headers::RequestHeaders>(&ours, "FuncdRequestHeaders");
    check::<headers::RequestHead>(&ours, "FuncdRequestHead");
    check::<headers::AnswerHead>(&ours, "FuncdAnswerHead");
    check::<headers::Header>(&ours, "FuncdHeader");
    check::<session::SignIn>(&ours, "FuncdSignIn");
    check::<session::Session>(&ours, "FuncdSession");
    check::<Named>(&ours, "FuncdNamed");
    check::<history::History>(&ours, "FuncdHistory");
    check::<history::Point>(&ours, "FuncdHistoryPoint");
    check::<history::Latency>(&ours, "FuncdLatency");
    check::<history::Memory>(&ours, "FuncdMemory");
    check::<history::Instances>(&ours, "FuncdInstances");
    check::<usage::ListUsageResponse>(&ours, "FuncdUsageList");
    check::<usage::Usage>(&ours, "FuncdUsage");
    check::<system::DoctorResponse>(&ours, "FuncdDoctor");
    check::<system::Finding>(&ours, "FuncdFinding");
    check::<system::ListNodesResponse>(&ours, "FuncdNodes");
    check::<system::Node>(&ours, "FuncdNode");
    check::<system::Space>(&ours, "FuncdSpace");
    check::<traces::ListTracesResponse>(&ours, "Traces");
    check::<traces::MetaData>(&ours, "TraceMetaData");
    check::<traces::Trace>(&ours, "Trace");
    check::<traces::User>(&ours, "TraceUser");
    check::<traces::Chain>(&ours, "TraceChain");
    assert!(crate::fields::<fgs::functions::ListedFunction>().contains(&"pinned"));
    // What is the vendor's stands here for policies, which `iam` compares; `pinned` has just been looked at.
    let elsewhere = [
        "CustomPolicy",
        "CustomStatement",
        "FuncdListedFunction",
        "FuncdNewRole",
        "FuncdRoleRequest",
        "KeystoneListProjectPermissionsForGroupResponse",
        "Links",
        "LinksSelf",
        "PolicyDepends",
        "PolicyStatement",
        "RolePolicy",
        "RoleResult",
        "ShowCustomPolicyResponse",
        "ShowPolicyRoleResult",
    ];
    assert_eq!(ours.left(), BTreeSet::from(elsewhere), "schemas that no struct is compared with");
}

#[test]
fn operations_stand_where_the_specification_says() {
    let specification = specification();
    let ours: [Operation; 25] = [
        info::SHOW,
        info::HEALTH,
        openapi::SHOW,
        packages::DOWNLOAD,
        logs::LIST,
        logs::LIST_ALL,
        requests::LIST,
        requests::LIST_ALL,
        instances::LIST,
        headers::START,
        headers::SHOW,
        headers::STOP,
        headers::LIST,
        headers::OF_REQUEST,
        runtimes::LIST,
        runtimes::INSTALL,
        session::CREATE,
        session::SHOW,
        session::DELETE,
        history::SHOW,
        usage::LIST,
        system::DOCTOR,
        system::NODES,
        traces::LIST,
        traces::CHAIN,
    ];
    for operation in &ours {
        specification.check_operation(operation);
    }
    let named: BTreeSet<&str> = ours.iter().map(|operation| operation.id).collect();
    // The others are the identity service's.
    let left: Vec<&str> = specification.operations().into_iter().filter(|one| !named.contains(one)).collect();
    assert_eq!(left.len(), 16, "operations that nothing is compared with: {left:?}");
}
