// The Go side of go-subprocess.ts: a model that says a prompt back, a word at a time. Put yours in answer.
package main

import (
	"encoding/json"
	"os"
	"strings"
	"sync"
	"time"
)

type message struct {
	Type    string
	ID      int
	Request struct{ Prompt string }
}

var (
	writing   sync.Mutex
	out       = json.NewEncoder(os.Stdout) // a JSON value a line
	cancelled sync.Map                     // the ids of requests that nobody waits for any more
)

func write(value any) {
	writing.Lock()
	out.Encode(value)
	writing.Unlock()
}

func answer(id int, prompt string) {
	for _, word := range strings.Fields(prompt) {
		if _, gone := cancelled.Load(id); gone {
			break
		}
		time.Sleep(10 * time.Millisecond) // a model would think here
		write(map[string]any{"type": "event", "id": id, "event": map[string]any{"text": word + " "}})
	}
	write(map[string]any{"type": "end", "id": id})
}

func main() {
	in := json.NewDecoder(os.Stdin)
	for next := (message{}); in.Decode(&next) == nil; next = (message{}) { // it ends when its standard input does
		if next.Type == "request" {
			go answer(next.ID, next.Request.Prompt)
			continue
		}
		cancelled.Store(next.ID, true)
	}
}
