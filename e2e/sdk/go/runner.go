package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"sort"
	"strings"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/sdkerr"
	functiongraph "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/functiongraph/v2"
)

// fields is a JSON object.
type fields = map[string]any

var where struct {
	API       string `json:"api"`
	AccessKey string `json:"access_key"`
	SecretKey string `json:"secret_key"`
	ProjectID string `json:"project_id"`
	Region    string `json:"region"`
}

func connect(secretKey string) *functiongraph.FunctionGraphClient {
	credentials, err := basic.NewCredentialsBuilder().
		WithAk(where.AccessKey).WithSk(secretKey).WithProjectId(where.ProjectID).SafeBuild()
	must(err)
	client, err := functiongraph.FunctionGraphClientBuilder().
		WithEndpoints([]string{where.API}).WithCredential(credentials).SafeBuild()
	must(err)
	return functiongraph.NewFunctionGraphClient(client)
}

// send fills the SDK's typed request from JSON, calls the SDK's method, and gives its typed answer as JSON.
func send(client *functiongraph.FunctionGraphClient, operation string, given fields) (fields, error) {
	method := reflect.ValueOf(client).MethodByName(operation)
	if !method.IsValid() {
		fail("the SDK has no %s", operation)
	}
	request := reflect.New(method.Type().In(0).Elem())
	text, err := json.Marshal(given)
	must(err)
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(request.Interface()); err != nil {
		fail("%s does not take %s: %v", operation, text, err)
	}
	results := method.Call([]reflect.Value{request})
	if err, _ := results[1].Interface().(error); err != nil {
		return nil, err
	}
	answer := fields{}
	text, err = json.Marshal(results[0].Interface())
	must(err)
	must(json.Unmarshal(text, &answer))
	answer["status_code"] = float64(reflect.Indirect(results[0]).FieldByName("HttpStatusCode").Int())
	return answer, nil
}

// group is a part of the suite: it names the operations it calls, and runs when the API's own document has all of them.
type group struct {
	name       string
	operations string
	steps      func(*calls)
}

// calls are those of one group.
type calls struct {
	client *functiongraph.FunctionGraphClient
	made   map[string]bool
}

func (c *calls) call(operation string, given fields) fields {
	c.made[operation] = true
	answer, err := send(c.client, operation, given)
	if err != nil {
		fail("%s: %v", operation, err)
	}
	return answer
}

func (c *calls) refused(status int, code string, operation string, given fields) string {
	c.made[operation] = true
	return refused(c.client, status, code, operation, given)
}

func refused(client *functiongraph.FunctionGraphClient, status int, code string, operation string, given fields) string {
	_, err := send(client, operation, given)
	var service *sdkerr.ServiceResponseError
	if !errors.As(err, &service) {
		fail("%s should have been refused with %d %s, not: %v", operation, status, code, err)
	}
	if service.StatusCode != status || service.ErrorCode != code {
		fail("%s should have been refused with %d %s, not %v", operation, status, code, err)
	}
	return service.ErrorMessage
}

func run(groups []group) {
	there := document()
	client := connect(where.SecretKey)
	missing := map[string]bool{}
	for _, group := range groups {
		operations := strings.Fields(group.operations)
		var absent []string
		for _, operation := range operations {
			if !there[operation] {
				refused(client, 501, "FSS.0501", operation, anything(client, operation))
				missing[operation] = true
				absent = append(absent, operation)
			}
		}
		if len(absent) > 0 {
			fmt.Printf("not run: %s, because %s answers 501\n", group.name, strings.Join(absent, ", "))
			continue
		}
		step = group.name
		calls := &calls{client: client, made: map[string]bool{}}
		group.steps(calls)
		sort.Strings(operations)
		equal(sorted(calls.made), operations)
		fmt.Printf("done: %s\n", group.name)
	}
	fmt.Printf("%d operations of this suite are not there: %s\n", len(missing), strings.Join(sorted(missing), ", "))
}

// document is the set of operations that the API says it has.
func document() map[string]bool {
	answer, err := http.Get(where.API + "/openapi.json")
	must(err)
	defer answer.Body.Close()
	var text struct {
		Paths map[string]map[string]struct{ OperationId string }
	}
	must(json.NewDecoder(answer.Body).Decode(&text))
	there := map[string]bool{}
	for _, path := range text.Paths {
		for _, operation := range path {
			there[operation.OperationId] = true
		}
	}
	return there
}

// anything fills every text of a request, because each may stand in the path.
func anything(client *functiongraph.FunctionGraphClient, operation string) fields {
	method := reflect.ValueOf(client).MethodByName(operation)
	if !method.IsValid() {
		fail("the SDK has no %s", operation)
	}
	given := fields{}
	kind := method.Type().In(0).Elem()
	for at := 0; at < kind.NumField(); at++ {
		name, _, _ := strings.Cut(kind.Field(at).Tag.Get("json"), ",")
		if kind.Field(at).Type.Kind() == reflect.String && name != "Content-Type" {
			given[name] = "x"
		}
	}
	return given
}

func sorted(set map[string]bool) []string {
	names := []string{}
	for name := range set {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

var step = "start"

func fail(text string, arguments ...any) {
	fmt.Fprintf(os.Stderr, "%s: %s\n", step, fmt.Sprintf(text, arguments...))
	panic("the suite failed")
}

func must(err error) {
	if err != nil {
		fail("%v", err)
	}
}

// equal compares as JSON, so that numbers are numbers.
func equal(seen, expected any) {
	left, err := json.Marshal(seen)
	must(err)
	right, err := json.Marshal(expected)
	must(err)
	if string(left) != string(right) {
		fail("%s instead of %s", left, right)
	}
}

// at walks an answer down.
func at(value any, path ...string) any {
	for _, name := range path {
		object, ok := value.(fields)
		if !ok {
			fail("no %s in %v", name, value)
		}
		value = object[name]
	}
	return value
}

// each takes a field out of every object of a list.
func each(list any, name string) []any {
	seen := []any{}
	items, _ := list.([]any)
	for _, item := range items {
		seen = append(seen, at(item, name))
	}
	return seen
}
