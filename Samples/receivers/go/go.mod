module receiver

go 1.21

require (
	github.com/mattn/go-sqlite3 v1.14.22
	github.com/standard-webhooks/standard-webhooks/libraries v0.0.1
)
