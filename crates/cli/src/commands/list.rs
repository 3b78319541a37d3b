//! `funcd list`.

use anyhow::Result;
use serde::Serialize;
use wire::fgs::functions::{self, ListFunctionsResponse, ListedFunction};

use super::{Context, function};
use crate::client::{Call, Client};
use crate::output::Table;

/// Options of `funcd list`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Examples:
  funcd list
  funcd list --json | jq -r '.[].name'")]
pub struct Arguments {}

/// A function in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Row {
    name: String,
    package: String,
    function_urn: String,
    runtime: String,
    memory: u32,
    timeout: u32,
    concurrency: Option<i64>,
    max_instances: Option<i64>,
    code_size: u64,
    last_modified: String,
    urls: Vec<String>,
}

pub(super) fn run(context: &Context<'_>, _: &Arguments) -> Result<()> {
    let client = context.client()?;
    let mut rows = Vec::new();
    for listed in all(&client)? {
        // One deleted since it was listed has no triggers to list.
        let triggers = match function::triggers(&client, &listed.func_urn) {
            Err(error) if error.status() == Some(404) => continue,
            triggers => triggers?,
        };
        rows.push(row(listed, function::urls(&triggers)));
    }
    if rows.is_empty() && !context.output.json {
        context.output.note("no functions yet: `funcd deploy DIR` makes one");
        return Ok(());
    }
    context.output.data(&rows, || table(&rows).text())
}

/// Every page.
fn all(client: &Client) -> Result<Vec<ListedFunction>> {
    let (mut all, mut marker) = (Vec::new(), 0);
    loop {
        let query = [("marker", marker.to_string()), ("maxitems", "400".to_owned())];
        let page: ListFunctionsResponse = client.call(functions::LIST, Call { query: &query, ..Call::of(&[]) })?;
        let ended = page.functions.is_empty() || page.next_marker <= marker;
        all.extend(page.functions);
        if ended || all.len() as u64 >= page.count {
            return Ok(all);
        }
        marker = page.next_marker;
    }
}

fn row(listed: ListedFunction, urls: Vec<String>) -> Row {
    Row {
        name: listed.func_name,
        package: listed.package,
        function_urn: listed.func_urn,
        runtime: listed.runtime,
        memory: listed.memory_size,
        timeout: listed.timeout,
        concurrency: listed.strategy_config.concurrent_num,
        max_instances: listed.strategy_config.concurrency,
        code_size: listed.code_size,
        last_modified: listed.last_modified,
        urls,
    }
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new(&["NAME", "URL", "MEMORY", "TIMEOUT", "MODIFIED (UTC)"]);
    for row in rows {
        let name = match row.package.as_str() {
            "default" => row.name.clone(),
            package => format!("{package}:{}", row.name),
        };
        let url = row.urls.first().map_or("-", String::as_str);
        let (memory, timeout) = (format!("{} MB", row.memory), format!("{} s", row.timeout));
        table.row([&name, url, &memory, &timeout, &row.last_modified]);
        for url in row.urls.iter().skip(1) {
            table.row(["", url]);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_has_a_line_for_each_url() {
        let listed = ListedFunction {
            func_name: "web".into(),
            package: "default".into(),
            memory_size: 512,
            timeout: 30,
            last_modified: "2026-01-02 03:04:05".into(),
            ..ListedFunction::default()
        };
        let other = ListedFunction { package: "shop".into(), ..listed.clone() };
        let rows = [
            row(listed, vec!["http://web.localhost:8080/".into(), "http://127.0.0.1:8080/user".into()]),
            row(other, vec![]),
        ];
        insta::assert_snapshot!(table(&rows).text(), @r"
        NAME      URL                         MEMORY  TIMEOUT  MODIFIED (UTC)
        web       http://web.localhost:8080/  512 MB  30 s     2026-01-02 03:04:05
                  http://127.0.0.1:8080/user
        shop:web  -                           512 MB  30 s     2026-01-02 03:04:05
        ");
    }
}
