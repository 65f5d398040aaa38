-- What other state bodies are asked about applications in work and have not answered: the queue of those bodies. The opinions
-- themselves stand in application.report.

-- +goose Up
CREATE TABLE opinion_asked (
    body        TEXT COLLATE "C" NOT NULL,
    application TEXT COLLATE "C" NOT NULL REFERENCES application (number),
    due         TEXT COLLATE "C" NOT NULL,
    silence     TEXT COLLATE "C" NOT NULL,
    CONSTRAINT opinion_asked_pkey PRIMARY KEY (application, body)
);
CREATE INDEX opinion_asked_queue ON opinion_asked (body, due, application);
