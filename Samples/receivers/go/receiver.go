// A receiver of events: it verifies each request, keeps what is in it, answers, and works on it afterwards.
//
//	go mod tidy
//	WEBHOOK_SECRETS='whsec_…' go run .
//
// WEBHOOK_SECRETS takes two secrets, with a blank between them, while one is being exchanged for the other. PORT and
// INBOX have defaults.
package main

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	_ "github.com/mattn/go-sqlite3"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const longestBody = 64 << 20

// An event as far as this receiver looks into it; raw is the text as it came, with every digit of its numbers.
type event struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	Data struct {
		From string `json:"from"`
		To   string `json:"to"`
	} `json:"data"`
	raw json.RawMessage
}

// What has come and is to be worked on: a table whose key is the event's id, so that a repeat changes nothing.
type inbox struct {
	database *sql.DB
	changed  chan struct{}
}

func openInbox(path string) (*inbox, error) {
	database, err := sql.Open("sqlite3", "file:"+path+"?_journal_mode=WAL&_synchronous=FULL&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	database.SetMaxOpenConns(1)
	_, err = database.Exec(`CREATE TABLE IF NOT EXISTS inbox
		(id TEXT NOT NULL UNIQUE, event TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0)`)
	return &inbox{database, make(chan struct{}, 1)}, err
}

// put puts all of them in, or none. Those whose id is known stay as they are.
func (inbox *inbox) put(events []event) error {
	transaction, err := inbox.database.Begin()
	if err != nil {
		return err
	}
	defer transaction.Rollback()
	for _, event := range events {
		_, err := transaction.Exec("INSERT INTO inbox (id, event) VALUES (?, ?) ON CONFLICT (id) DO NOTHING",
			event.ID, string(event.raw))
		if err != nil {
			return err
		}
	}
	if err := transaction.Commit(); err != nil {
		return err
	}
	select {
	case inbox.changed <- struct{}{}:
	default:
	}
	return nil
}

// workOff hands the events to work, oldest first, for ever. After a crash the one that was under way comes again.
func (inbox *inbox) workOff(work func(event) error) {
	for {
		switch err := inbox.workOnOldest(work); {
		case errors.Is(err, sql.ErrNoRows):
			<-inbox.changed
		case err != nil:
			log.Print("not worked on: ", err)
			time.Sleep(5 * time.Second)
		}
	}
}

func (inbox *inbox) workOnOldest(work func(event) error) error {
	var id, text string
	row := inbox.database.QueryRow("SELECT id, event FROM inbox WHERE done = 0 ORDER BY rowid LIMIT 1")
	if err := row.Scan(&id, &text); err != nil {
		return err
	}
	event, err := parse(json.RawMessage(text))
	if err != nil {
		return err
	}
	if err := work(event); err != nil {
		return err
	}
	_, err = inbox.database.Exec("UPDATE inbox SET done = 1 WHERE id = ?", id)
	return err
}

func parse(raw json.RawMessage) (event, error) {
	parsed := event{raw: raw}
	err := json.Unmarshal(raw, &parsed)
	return parsed, err
}

// eventsOf returns the event, or those of a batch: a batch has an id of its own, but what is known again is each
// event's.
func eventsOf(body []byte, contentType string) ([]event, error) {
	members := []json.RawMessage{body}
	if strings.HasPrefix(contentType, "application/cloudevents-batch+json") {
		members = nil
		if err := json.Unmarshal(body, &members); err != nil {
			return nil, err
		}
	}
	events := make([]event, len(members))
	for index, member := range members {
		var err error
		if events[index], err = parse(member); err != nil {
			return nil, err
		}
	}
	return events, nil
}

type hooks struct {
	webhooks []*standardwebhooks.Webhook
	inbox    *inbox
}

// isGenuine tells whether one of the secrets has signed these bytes in the last five minutes.
func (hooks *hooks) isGenuine(body []byte, headers http.Header) bool {
	for _, webhook := range hooks.webhooks {
		if webhook.Verify(body, headers) == nil {
			return true
		}
	}
	return false
}

func (hooks *hooks) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(writer, request.Body, longestBody))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		writer.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	} else if err != nil {
		return // The connection is gone.
	}
	if !hooks.isGenuine(body, request.Header) {
		writer.WriteHeader(http.StatusUnauthorized)
		return
	}
	events, err := eventsOf(body, request.Header.Get("Content-Type"))
	if err == nil {
		err = hooks.inbox.put(events)
	}
	if err != nil {
		log.Print("not kept: ", err)
		writer.WriteHeader(http.StatusServiceUnavailable) // It comes again.
		return
	}
	writer.WriteHeader(http.StatusNoContent)
}

// work is what is to be done about an event. It may be asked for the same event again after a crash.
func work(event event) error {
	fmt.Println(event.ID, event.Type, event.Data.From, event.Data.To)
	return nil
}

func setting(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}

func main() {
	inbox, err := openInbox(setting("INBOX", "inbox.db"))
	if err != nil {
		log.Fatal(err)
	}
	hooks := &hooks{inbox: inbox}
	for _, secret := range strings.Fields(os.Getenv("WEBHOOK_SECRETS")) {
		webhook, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			log.Fatal("a secret is not base64: ", err)
		}
		hooks.webhooks = append(hooks.webhooks, webhook)
	}
	if len(hooks.webhooks) == 0 {
		log.Fatal("WEBHOOK_SECRETS has no secret")
	}
	go inbox.workOff(work)
	server := &http.Server{
		Addr: "127.0.0.1:" + setting("PORT", "9101"), Handler: hooks, ReadTimeout: time.Minute,
	}
	log.Fatal(server.ListenAndServe())
}
