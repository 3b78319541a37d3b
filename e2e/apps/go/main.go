// Go's net/http: the contract that every application here answers, with nothing but the standard library.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// Byte i is i mod 251; blocks are a multiple of that, so each is the same.
var block = func() []byte {
	block := make([]byte, 251*256)
	for i := range block {
		block[i] = byte(i % 251)
	}
	return block
}()

func main() {
	http.HandleFunc("/", page)
	http.HandleFunc("/json", echo)
	http.HandleFunc("/upload", upload)
	http.HandleFunc("/download", download)
	http.HandleFunc("/error", fail)
	http.HandleFunc("/version", version)
	http.HandleFunc("/slow", slow)
	log.Println("Go listens on 127.0.0.1:8000")
	log.Fatal(http.ListenAndServe("127.0.0.1:8000", nil))
}

func page(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, "<!doctype html><title>Go</title><h1>Hello from Go net/http</h1>")
}

func echo(w http.ResponseWriter, r *http.Request) {
	query, headers := map[string]string{}, map[string]string{}
	for name := range r.URL.Query() {
		query[name] = r.URL.Query().Get(name)
	}
	for name := range r.Header {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-cff-") {
			headers[lower] = r.Header.Get(name)
		}
	}
	answer(w, map[string]any{"method": r.Method, "path": r.URL.Path, "query": query, "headers": headers})
}

func upload(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.Error(w, "POST only", http.StatusMethodNotAllowed)
		return
	}
	hash := sha256.New()
	bytes, err := io.Copy(hash, r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer(w, map[string]any{"bytes": bytes, "sha256": hex.EncodeToString(hash.Sum(nil))})
}

func download(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/octet-stream")
	for left := number(r, "bytes"); left > 0; left -= len(block) {
		part := block
		if left < len(part) {
			part = part[:left]
		}
		if _, err := w.Write(part); err != nil {
			return
		}
		w.(http.Flusher).Flush()
	}
}

func fail(w http.ResponseWriter, _ *http.Request) {
	log.Println("this page fails on purpose")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusInternalServerError)
	fmt.Fprint(w, "<!doctype html><title>Error</title><h1>Go: this page fails on purpose</h1>")
}

func version(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprint(w, os.Getenv("APP_VERSION"))
}

func slow(w http.ResponseWriter, r *http.Request) {
	ms := number(r, "ms")
	time.Sleep(time.Duration(ms) * time.Millisecond)
	answer(w, map[string]any{"ms": ms})
}

func number(r *http.Request, name string) int {
	value, _ := strconv.Atoi(r.URL.Query().Get(name))
	return value
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		log.Println(err)
	}
}
