-- What other state bodies are asked about applications in work and have not answered: the queue of those bodies. The opinions
-- themselves stand in application.report.

-- +goose Up
CREATE TABLE opinion_asked (
    body        TEXT NOT NULL,
    application TEXT NOT NULL REFERENCES application (number),
    due         TEXT NOT NULL,
    silence     TEXT NOT NULL,
    CONSTRAINT opinion_asked_pkey PRIMARY KEY (application, body)
) STRICT;
CREATE INDEX opinion_asked_queue ON opinion_asked (body, due, application);
