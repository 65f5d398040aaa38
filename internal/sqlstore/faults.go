package sqlstore

import (
	"elicense/internal/fault"
)

// The keys that this package itself has to tell apart.
const (
	keyRace     = "store.race"
	keyNoTable  = "store.no-table"
	keyInternal = "store.internal"
)

// race is the fault of a guard whose miss means: somebody else was first, look again.
func race() *fault.Fault { return fault.New(fault.Conflict, keyRace) }

// unavailable means: nothing was changed, trying again is safe.
func unavailable(err error) error {
	return fault.New(fault.Unavailable, "store.unavailable").Because(err)
}

// unknown means: the commit was sent and its answer was lost. The idempotency key of the caller makes the repetition safe.
func unknown(err error) error { return fault.New(fault.Unavailable, "store.unknown").Because(err) }

func internal(err error) error { return fault.New(fault.Internal, keyInternal).Because(err) }

// unique names one unique constraint: by name for PostgreSQL, by columns for SQLite, which reports nothing else.
type unique struct{ name, columns, key string }

// uniques says what a broken unique constraint means. It is the one place where constraints become faults.
func uniques() []unique {
	return append([]unique{
		{"party_pkey", "party.id", "store.party-exists"},
		{"party_number", "party.number", "store.party-exists"},
		{"account_pkey", "account.id", "store.account-exists"},
		{"account_person", "account.party, account.iin", "store.account-exists"},
		{"amendment_pkey", "amendment.id", "store.amendment-waits"},
		{"amendment_waiting", "amendment.directory", "store.amendment-waits"},
		{"official_pkey", "official.id", "store.official-exists"},
		{"official_login", "official.login", "store.official-exists"},
		{"department_pkey", "department.body, department.key", "store.department-exists"},
		{"absence_pkey", "absence.id", "store.absence-exists"},
		{"official_factor_pkey", "official_factor.official", keyRace},
		{"challenge_pkey", "challenge.nonce", "store.challenge-exists"},
		{"service_revision_pkey", "service_revision.service, service_revision.number", "store.revision"},
		{"service_proposal_pkey", "service_proposal.id", "store.proposal-exists"},
		{"service_verdict_pkey", "service_verdict.proposal", "store.proposal-decided"},
		{"application_pkey", "application.number", "store.number-exists"},
		{"application_open", "application.party, application.service, application.body", "store.draft-exists"},
		{"application_concerns", "application.concerns", "store.permit-busy"},
		{"opinion_asked_pkey", "opinion_asked.application, opinion_asked.body", keyRace},
		{"calendar_revision_pkey", "calendar_revision.number", keyRace},
		{"calendar_revision_version", "calendar_revision.version", keyRace},
		{"reminder_pkey", "reminder.id", keyRace},
		{"term_moved_pkey", "term_moved.id", keyRace},
		{"reminder_once", "reminder.application, reminder.stage, reminder.due, reminder.addressee", keyRace},
		{"application_event_pkey", "application_event.id", "store.event-exists"},
		{"signature_pkey", "signature.id", "store.signature-exists"},
		{"signature_once", "signature.content_digest, signature.signer_iin, signature.purpose", "store.signature-exists"},
		{"document_pkey", "document.id", "store.document-exists"},
		{"invoice_pkey", "invoice.id", "store.invoice-exists"},
		{"invoice_living", "invoice.application", "store.invoice-exists"},
		{"payment_notice_pkey", "payment_notice.id", "store.notice-exists"},
		{"quota_entry_pkey", "quota_entry.quota, quota_entry.application", "store.entry-exists"},
		{"permit_pkey", "permit.number", "store.number-exists"},
		{"permit_application", "permit.application", "store.permit-exists"},
		{"permit_file_pkey", "permit_file.permit, permit_file.edition, permit_file.appendix, permit_file.act, permit_file.lang", "store.file-exists"},
		{"permit_act_pkey", "permit_act.permit, permit_act.seq", keyRace},
		{"permit_order_pkey", "permit_order.id", "store.order-exists"},
		{"permit_order_waiting", "permit_order.permit", "permit.order-waits"},
	}, uniquesOfRegisters()...)
}

// uniquesOfRegisters are those of numbers, papers, the queue, the audit and what officials do.
func uniquesOfRegisters() []unique {
	return []unique{
		{"number_range_pkey", "number_range.code, number_range.first_number", "store.range-overlap"},
		{"number_order_pkey", "number_order.id", "store.order-exists"},
		{"paper_permit_pkey", "paper_permit.id", "store.paper-exists"},
		{"paper_permit_number", "paper_permit.body, paper_permit.series_key, paper_permit.number_key", "store.paper-exists"},
		{"paper_permit_application", "paper_permit.application", "store.paper-claimed"},
		{"paper_permit_permit", "paper_permit.permit", "store.paper-claimed"},
		{"paper_batch_pkey", "paper_batch.id", "store.paper-exists"},
		{"paper_batch_file", "paper_batch.body, paper_batch.digest", "paper.same-file"},
		{"paper_line_pkey", "paper_line.batch, paper_line.line", keyRace},
		{"party_word_pkey", "party_word.party, party_word.word", keyRace},
		{"queue_view_pkey", "queue_view.id", "store.view-exists"},
		{"queue_view_name", "queue_view.official, queue_view.name", "store.view-exists"},
		{"queue_batch_pkey", "queue_batch.id", "store.batch-exists"},
		{"queue_export_pkey", "queue_export.id", "store.export-exists"},
		{"bundle_pkey", "bundle.id", "store.bundle-exists"},
		{"audit_pkey", "audit.id", "store.audit-exists"},
		{"audit_leaf_pkey", "audit_leaf.seq", keyRace},
		{"audit_leaf_id", "audit_leaf.id", keyRace},
		{"audit_checkpoint_pkey", "audit_checkpoint.number", keyRace},
		{"idempotency_pkey", "idempotency.actor, idempotency.key", "store.key-exists"},
		{"audit_waiting_pkey", "audit_waiting.id", keyRace},
		{"case_note_pkey", "case_note.id", keyRace},
		{"correction_asked_pkey", "correction_asked.application", keyRace},
		{"decision_replay_pkey", "decision_replay.id", keyRace},
		{"decision_difference_pkey", "decision_difference.application", keyRace},
		{"automation_stop_pkey", "automation_stop.service, automation_stop.body", "automation.stopped"},
		{"decision_review_pkey", "decision_review.application", "review.exists"},
		{"notice_pkey", "notice.id", "store.notice-exists"},
		{"message_pkey", "message.id", "store.message-exists"},
		{"number_lease_pkey", "number_lease.code, number_lease.first_number", keyRace},
	}
}

// uniqueFault gives the fault of a constraint, found by name or by columns; without one the schema and the table disagree.
func uniqueFault(name, columns string, err error) error {
	for _, u := range uniques() {
		if (name != "" && u.name == name) || (columns != "" && u.columns == columns) {
			return fault.New(fault.Conflict, u.key).Because(err)
		}
	}
	return internal(err)
}

// triggerFault gives the fault of a rule that a trigger holds, by the name that the trigger raises.
func triggerFault(name string, err error) error {
	switch name {
	case "number_range_overlap":
		return fault.New(fault.Conflict, "store.range-overlap").Because(err)
	case "number_code_prefix":
		return fault.New(fault.Conflict, "store.code-prefix").Because(err)
	}
	return internal(err)
}
