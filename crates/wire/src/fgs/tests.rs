use serde::Deserialize;

use super::*;
use crate::Operation;
use crate::schema::{Cover, Specification};

fn specification() -> Specification {
    Specification::read(include_str!("../../../../spec/functiongraph-v2.openapi.json"))
}

/// The struct's fields are the schema's, but for `extra` (ours only) and, where `partial`, those we have nothing to say about.
#[track_caller]
fn check<T: for<'de> Deserialize<'de>>(schema: &str, extra: &[&str], partial: bool) {
    let cover = if partial { Cover::Part } else { Cover::Whole };
    specification().check::<T>(&[schema], extra, cover);
}

#[test]
fn requests_have_every_field_of_the_specification() {
    check::<functions::CreateFunctionRequest>(
        "CreateFunctionRequestBody",
        &["strategy_config", "ephemeral_storage", "enable_auth_in_header"],
        false,
    );
    check::<config::UpdateConfigRequest>("UpdateFunctionConfigRequestBody", &["package"], false);
    check::<code::UpdateCodeRequest>("UpdateFunctionCodeRequestBody", &[], false);
    check::<code::FuncCode>("FuncCode", &[], false);
    check::<config::LogConfig>("FuncLogConfig", &[], false);
    check::<concurrency::MaxInstanceRequest>("UpdateFunctionMaxInstanceConfigRequestBody", &[], false);
    check::<transfer::ImportRequest>("ImportFunctionRequestBody", &[], false);
    check::<config::StrategyConfig>("StrategyConfig", &[], false);
    check::<config::NetworkController>("NetworkControlConfig", &[], false);
    check::<versions::PublishRequest>("CreateFunctionVersionRequestBody", &[], false);
    check::<aliases::CreateAliasRequest>("CreateVersionAliasRequestBody", &[], false);
    check::<aliases::UpdateAliasRequest>("UpdateVersionAliasRequestBody", &[], false);
    check::<aliases::VersionStrategy>("VersionStrategy", &[], false);
    check::<aliases::VersionStrategyRule>("VersionStrategyRules", &[], false);
    check::<triggers::CreateTriggerRequest>("CreateFunctionTriggerRequestBody", &[], false);
    check::<triggers::UpdateTriggerRequest>("UpdateTriggerRequestBody", &[], false);
    check::<triggers::FuncInfo>("ApigTriggerFuncInfo", &[], false);
    check::<dependencies::CreateDependencyRequest>("CreateDependencyRequestBody", &[], false);
    check::<tags::UpdateTagsRequest>("UpdateFunctionTagsRequestBody", &[], false);
    check::<tags::ResourcesRequest>("ListEnterpriseResourceRequestBody", &["tags"], false);
    check::<tags::Tag>("KvItem", &[], false);
    check::<tags::TagValues>("TagItem", &[], false);
    check::<events::CreateEventRequest>("CreateEventRequestBody", &[], false);
    check::<events::UpdateEventRequest>("UpdateEventRequestBody", &["name"], false);
}

#[test]
fn answers_have_only_fields_of_the_specification() {
    check::<config::Function>("ShowFunctionConfigResponse", &[], true);
    check::<functions::ListFunctionsResponse>("ListFunctionsResponse", &[], false);
    check::<functions::ListedFunction>("ListFunctionResult", &["pinned"], true);
    check::<code::FunctionCode>("ShowFunctionCodeResponse", &[], false);
    check::<versions::ListVersionsResponse>("ListFunctionVersionsResponse", &[], false);
    check::<versions::Version>("ListFunctionVersionResult", &["description", "version_description"], true);
    check::<versions::Version>("CreateFunctionVersionResponse", &["concurrency", "concurrent_num"], true);
    check::<aliases::Alias>("ShowVersionAliasResponse", &[], false);
    check::<aliases::Alias>("ListVersionAliasResult", &["additional_version_strategy"], false);
    check::<triggers::Trigger>("ListFunctionTriggerResult", &[], false);
    check::<triggers::ApigEventData>("TriggerEventDataResponseBody", &[], true);
    check::<dependencies::Dependency>("ListDependenciesResult", &[], false);
    check::<dependencies::DependencyVersion>("ShowDependencyVersionResponse", &[], false);
    check::<dependencies::ListDependenciesResponse>("ListDependenciesResponse", &[], false);
    check::<dependencies::ListDependencyVersionsResponse>("ListDependencyVersionResponse", &[], false);
    check::<dependencies::UsedDependency>("Dependency", &[], false);
    check::<quotas::ListQuotasResponse>("ListQuotasResponse", &[], false);
    check::<quotas::Quotas>("ListQuotasResult", &[], false);
    check::<quotas::Quota>("Resources", &[], false);
    check::<templates::ListTemplatesResponse>("ListFunctionTemplateResponse", &[], false);
    check::<templates::Template>("ShowFunctionTemplateResponse", &[], false);
    check::<templates::TriggerMetadata>("TriggerMetadataList", &[], false);
    check::<templates::TemplateDetail>("TempDetail", &[], false);
    check::<tags::Tags>("ListFunctionTagsResponse", &[], false);
    check::<tags::ProjectTags>("ShowProjectTagsListResponse", &[], false);
    check::<tags::Resources>("ShowResInstanceInfoResponse", &[], false);
    check::<tags::Resource>("ListEnterpriseResourceResult", &[], false);
    check::<tags::ResourceDetail>("ListEnterpriseResourceDetail", &[], false);
    check::<events::NamedEvent>("CreateEventResponse", &[], false);
    check::<events::NamedEvent>("UpdateEventResponse", &[], false);
    check::<events::Event>("ShowEventResponse", &[], false);
    check::<events::ListEventsResponse>("ListEventsResponse", &[], false);
    check::<events::ListedEvent>("ListEventsResult", &[], false);
    check::<invocation::Wrapper>("InvokeFunctionResponse", &[], false);
    check::<crate::ErrorBody>("ApiError", &[], true);
}

#[test]
fn operations_stand_where_the_specification_says() {
    let specification = specification();
    let ours: &[Operation] = &[
        functions::LIST,
        functions::CREATE,
        functions::DELETE,
        functions::COLLECT,
        concurrency::UPDATE,
        transfer::EXPORT,
        transfer::IMPORT,
        config::SHOW,
        config::UPDATE,
        code::SHOW,
        code::UPDATE,
        versions::LIST,
        versions::CREATE,
        aliases::LIST,
        aliases::CREATE,
        aliases::SHOW,
        aliases::UPDATE,
        aliases::DELETE,
        triggers::LIST,
        triggers::CREATE,
        triggers::DELETE_ALL,
        triggers::SHOW,
        triggers::UPDATE,
        triggers::DELETE,
        invocation::INVOKE,
        events::LIST,
        events::CREATE,
        events::SHOW,
        events::UPDATE,
        events::DELETE,
        dependencies::LIST,
        dependencies::CREATE_VERSION,
        dependencies::LIST_VERSIONS,
        dependencies::SHOW_VERSION,
        dependencies::DELETE_VERSION,
        quotas::LIST,
        templates::LIST,
        templates::SHOW,
        tags::LIST,
        tags::CREATE,
        tags::DELETE,
        tags::OF_PROJECT,
        tags::RESOURCES,
    ];
    for operation in ours {
        specification.check_operation(operation);
    }
}

#[test]
fn what_runs_is_told_as_the_specification_says() {
    check::<metrics::Point>("SlaReportsValue", &[], false);
    check::<metrics::Statistics>("ListFunctionStatisticsResponse", &[], false);
    check::<metrics::FunctionMetrics>("ShowFunctionMetricsResponse", &[], false);
    check::<metrics::InstanceMetrics>("ShowFuncReservedInstanceMetricsResponse", &[], false);
    check::<metrics::ListStatisticsResponse>("ListStatisticsResponse", &[], false);
    check::<metrics::MonthUsed>("MonthUsed", &[], false);
    check::<metrics::ReportResponse>("ListFunctionAsMetricResponse", &[], false);
    check::<metrics::FunctionMetric>("FunctionMetric", &[], false);
    check::<logs::LogDetail>("ShowLtsLogDetailsResponse", &[], false);
    check::<reserves::UpdateReservedRequest>("UpdateFunctionReservedInstancesCountRequestBody", &[], false);
    check::<reserves::TacticsConfig>("TacticsConfig", &[], false);
    check::<reserves::CronConfig>("CronConfig", &[], false);
    check::<reserves::ListConfigsResponse>("ListReservedInstanceConfigsResponse", &[], false);
    check::<reserves::ReservedConfig>("ReservedInstanceConfigs", &[], false);
    check::<reserves::ListInstancesResponse>("ListFunctionReservedInstancesResponse", &[], false);
    check::<reserves::ReservedInstances>("FuncReservedInstance", &[], false);
    check::<reserves::PageInfo>("PageInfo", &[], false);
    let specification = specification();
    let live = [
        metrics::STATISTICS,
        metrics::TENANT,
        metrics::FUNCTION,
        metrics::INSTANCES,
        metrics::REPORT,
        logs::DETAIL,
        logs::ENABLE,
        reserves::UPDATE,
        reserves::CONFIGS,
        reserves::INSTANCES,
    ];
    for operation in &live {
        specification.check_operation(operation);
    }
}
