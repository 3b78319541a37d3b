// The vendor's Go SDK against funcd: what its users do, and what they are told when they do it wrong.
// Argument: a package (zip) of an HTTP function that answers "This is http function.".
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"sort"
	"strconv"
	"strings"
)

var file string

func urnOf(name string) string {
	return fmt.Sprintf("urn:fss:%s:%s:function:default:%s", where.Region, where.ProjectID, name)
}

func with(base, more fields) fields {
	for name, value := range more {
		base[name] = value
	}
	return base
}

func created(name string, more fields) fields {
	return fields{"body": with(fields{
		"func_name": name, "package": "default", "runtime": "http", "timeout": 10, "handler": "bootstrap", "memory_size": 256,
		"code_type": "zip", "code_filename": "index.zip", "func_code": fields{"file": file},
	}, more)}
}

func configured(more fields) fields {
	return fields{"function_urn": urn(), "body": with(fields{
		"func_name": "go-suite", "runtime": "http", "timeout": 10, "handler": "bootstrap", "memory_size": 256,
	}, more)}
}

func coded(code string) fields {
	return fields{"function_urn": urn(), "body": fields{
		"code_type": "zip", "code_filename": "index.zip", "func_code": fields{"file": code},
	}}
}

func triggered(more fields) fields {
	event := with(fields{
		"name": "API_go", "group_id": "DEFAULT", "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "env_name": "RELEASE", "auth": "NONE",
		"protocol": "HTTP", "path": "/go/suite", "req_method": "ANY", "match_mode": "SWA", "type": 1, "backend_type": "FUNCTION",
		"func_info": fields{"timeout": 5000},
	}, more)
	return fields{"function_urn": urn(), "body": fields{
		"trigger_type_code": "DEDICATEDGATEWAY", "trigger_status": "ACTIVE", "event_type_code": "APICreated", "event_data": event,
	}}
}

func urn() string    { return urnOf("go-suite") + ":latest" }
func on() fields     { return fields{"function_urn": urn()} }
func nobody() fields { return fields{"function_urn": urnOf("go-nobody")} }

var groups = []group{
	{"a function is made, once", "CreateFunction ShowFunctionConfig", func(c *calls) {
		made := c.call("CreateFunction", created("go-suite", fields{"description": "née 世界", "user_data": `{"COLOUR":"blue"}`}))
		equal([]any{made["func_urn"], made["cpu"], len(made["digest"].(string))}, []any{urn(), 400, 128})
		shown := c.call("ShowFunctionConfig", on())
		equal([]any{shown["description"], shown["user_data"]}, []any{"née 世界", `{"COLOUR":"blue"}`})
		c.refused(409, "FSS.1061", "CreateFunction", created("go-suite", nil))
		for code, more := range map[string]fields{
			"FSS.1002": {"func_name": "not a name"}, "FSS.1005": {"runtime": "Cobol"}, "FSS.1006": {"code_type": "tar"},
			"FSS.1007": {"memory_size": 100}, "FSS.1008": {"timeout": 1}, "FSS.1009": {"user_data": "[]"},
			"FSS.1011": {"func_code": fields{"file": "bm8gemlw"}},
		} {
			c.refused(400, code, "CreateFunction", created("go-bad", more))
		}
		c.refused(404, "FSS.1051", "ShowFunctionConfig", nobody())
		c.refused(400, "FSS.1309", "ShowFunctionConfig", fields{"function_urn": "not:one:of:its:forms"})
	}},
	{"its settings change", "UpdateFunctionConfig ShowFunctionConfig", func(c *calls) {
		changed := c.call("UpdateFunctionConfig", configured(fields{
			"memory_size": 512, "timeout": 20, "strategy_config": fields{"concurrency": 5, "concurrent_num": 3}}))
		equal([]any{changed["memory_size"], changed["timeout"]}, []any{512, 20})
		shown := c.call("ShowFunctionConfig", on())
		equal([]any{shown["memory_size"], at(shown, "strategy_config", "concurrency")}, []any{512, 5})
		why := c.refused(400, "FSS.1008", "UpdateFunctionConfig", configured(fields{"timeout": 1, "memory_size": 100}))
		equal([]bool{strings.Contains(why, "timeout"), strings.Contains(why, "memory_size")}, []bool{true, true})
		equal(c.call("ShowFunctionConfig", on())["timeout"], 20)
	}},
	{"its code changes", "UpdateFunctionCode ShowFunctionCode", func(c *calls) {
		before := c.call("ShowFunctionCode", on())
		equal(c.call("UpdateFunctionCode", coded(file))["digest"], before["digest"])
		c.refused(400, "FSS.1011", "UpdateFunctionCode", coded("bm8gemlw"))
		equal(c.call("ShowFunctionCode", on())["digest"], before["digest"])
		c.refused(404, "FSS.1051", "ShowFunctionCode", nobody())
	}},
	{"it has triggers", "CreateFunctionTrigger ListFunctionTriggers ShowFunctionTrigger UpdateTrigger DeleteFunctionTrigger " +
		"BatchDeleteFunctionTriggers", triggers},
	{"it is called", "InvokeFunction", func(c *calls) {
		wrapped := c.call("InvokeFunction", fields{"function_urn": urn(), "body": event(), "X-CFF-Request-Version": "v1", "X-Cff-Log-Type": "tail"})
		equal([]any{wrapped["status"], page(wrapped)}, []any{200, true})
		c.refused(404, "FSS.1051", "InvokeFunction", fields{"function_urn": urnOf("go-nobody"), "body": event()})
	}},
	{"it has versions and aliases", "CreateFunctionVersion ListFunctionVersions CreateVersionAlias ListVersionAliases ShowVersionAlias " +
		"UpdateVersionAlias DeleteVersionAlias InvokeFunction DeleteFunction UpdateFunctionConfig ShowFunctionConfig", versions},
	{"a list comes in pages", "CreateFunction ListFunctions DeleteFunction", pages},
	{"it is deleted", "DeleteFunction ShowFunctionConfig", func(c *calls) {
		gone := c.call("DeleteFunction", fields{"function_urn": urnOf("go-suite")})
		equal(gone["status_code"], 204)
		c.refused(404, "FSS.1051", "ShowFunctionConfig", on())
		c.refused(404, "FSS.1051", "DeleteFunction", fields{"function_urn": urnOf("go-suite")})
	}},
	{"a wrong secret is refused", "ListFunctions", func(c *calls) {
		c.call("ListFunctions", fields{})
		refused(connect("wrong"), 401, "APIG.0301", "ListFunctions", fields{})
	}},
}

func event() fields {
	return fields{"httpMethod": "GET", "path": "/", "headers": fields{}, "queryStringParameters": fields{}, "body": "", "isBase64Encoded": true}
}

// page tells whether an invocation gave the function's page.
func page(answer fields) bool {
	var envelope struct {
		StatusCode int    `json:"statusCode"`
		Body       string `json:"body"`
	}
	must(json.Unmarshal([]byte(answer["result"].(string)), &envelope))
	body, err := base64.StdEncoding.DecodeString(envelope.Body)
	must(err)
	return envelope.StatusCode == 200 && strings.Contains(string(body), "This is http function.")
}

func triggers(c *calls) {
	made := c.call("CreateFunctionTrigger", triggered(nil))
	equal(made["status_code"], 201)
	one := fields{"function_urn": urn(), "trigger_type_code": "DEDICATEDGATEWAY", "trigger_id": made["trigger_id"]}
	answer, err := http.Get(at(made, "event_data", "invoke_url").(string))
	must(err)
	body, err := io.ReadAll(answer.Body)
	must(err)
	equal([]any{answer.StatusCode, strings.Contains(string(body), "This is http function.")}, []any{200, true})
	equal(each(c.call("ListFunctionTriggers", on())["body"], "trigger_id"), []any{made["trigger_id"]})
	equal(c.call("ShowFunctionTrigger", one)["trigger_status"], "ACTIVE")
	c.refused(409, "FSS.1147", "CreateFunctionTrigger", triggered(fields{"name": "API_again"}))
	c.refused(400, "FSS.1417", "CreateFunctionTrigger", triggered(fields{"path": "no slash"}))
	c.call("UpdateTrigger", with(fields{"body": fields{"trigger_status": "ACTIVE"}}, one))
	c.call("DeleteFunctionTrigger", one)
	c.refused(404, "FSS.1138", "ShowFunctionTrigger", one)
	c.call("CreateFunctionTrigger", triggered(nil))
	c.call("BatchDeleteFunctionTriggers", on())
	equal(each(c.call("ListFunctionTriggers", on())["body"], "trigger_id"), []any{})
}

func versions(c *calls) {
	own := urnOf("go-suite")
	publish := func(version string) fields {
		return fields{"function_urn": urn(), "body": fields{"version": version, "description": "as " + version}}
	}
	equal(c.call("CreateFunctionVersion", publish("v1"))["func_urn"], own+":v1")
	c.refused(400, "FSS.1016", "CreateFunctionVersion", publish("v1-again"))
	c.call("UpdateFunctionConfig", configured(fields{"memory_size": 512, "timeout": 25}))
	c.call("CreateFunctionVersion", publish("v2"))
	seen := []string{}
	for _, version := range each(c.call("ListFunctionVersions", fields{"function_urn": own})["versions"], "version") {
		seen = append(seen, version.(string))
	}
	sort.Strings(seen)
	equal(seen, []string{"latest", "v1", "v2"})
	equal(c.call("ShowFunctionConfig", fields{"function_urn": own + ":v1"})["timeout"], 20)
	equal(c.call("ShowFunctionConfig", fields{"function_urn": own + ":v2"})["timeout"], 25)
	one := fields{"function_urn": own, "alias_name": "prod"}
	alias := func(more fields) fields { return fields{"function_urn": own, "body": with(fields{"name": "prod"}, more)} }
	made := c.call("CreateVersionAlias", alias(fields{"version": "v1", "additional_version_weights": fields{"v2": 10}}))
	equal([]any{made["alias_urn"], made["version"], at(made, "additional_version_weights", "v2")}, []any{own + ":!prod", "v1", 10})
	c.refused(409, "FSS.1063", "CreateVersionAlias", alias(fields{"version": "v2"}))
	c.refused(404, "FSS.1052", "CreateVersionAlias", alias(fields{"name": "other", "version": "v9"}))
	equal(each(c.call("ListVersionAliases", fields{"function_urn": own})["body"], "name"), []any{"prod"})
	equal(page(c.call("InvokeFunction", fields{"function_urn": own + ":!prod", "body": event(), "X-CFF-Request-Version": "v1"})), true)
	c.refused(403, "FSS.1094", "DeleteFunction", fields{"function_urn": own + ":v2"})
	c.call("UpdateVersionAlias", with(fields{"body": fields{"version": "v2"}}, one))
	equal(c.call("ShowVersionAlias", one)["version"], "v2")
	c.call("DeleteVersionAlias", one)
	c.refused(404, "FSS.1053", "ShowVersionAlias", one)
	c.call("DeleteFunction", fields{"function_urn": own + ":v1"})
	c.refused(404, "FSS.1052", "ShowFunctionConfig", fields{"function_urn": own + ":v1"})
}

func pages(c *calls) {
	names := []string{}
	for number := 0; number < 7; number++ {
		name := fmt.Sprintf("go-page-%d", number)
		c.call("CreateFunction", created(name, nil))
		names = append(names, name)
	}
	seen := []string{}
	for marker, count := "0", 0; ; count++ {
		if count > 10 {
			fail("the walk does not end")
		}
		page := c.call("ListFunctions", fields{"marker": marker, "maxitems": "3", "func_name": "go-page-"})
		found := each(page["functions"], "func_name")
		for _, name := range found {
			seen = append(seen, name.(string))
		}
		next, _ := page["next_marker"].(float64)
		if len(found) < 3 || next == 0 {
			break
		}
		marker = strconv.Itoa(int(next))
	}
	sort.Strings(seen)
	equal(seen, names)
	c.refused(400, "FSS.1001", "ListFunctions", fields{"maxitems": "-1"})
	for _, name := range names {
		c.call("DeleteFunction", fields{"function_urn": urnOf(name)})
	}
	equal(c.call("ListFunctions", fields{"func_name": "go-page-"})["count"], 0)
}

func main() {
	must(json.Unmarshal([]byte(os.Getenv("FUNCD_CREDENTIALS")), &where))
	code, err := os.ReadFile(os.Args[1])
	must(err)
	file = base64.StdEncoding.EncodeToString(code)
	run(groups)
}
