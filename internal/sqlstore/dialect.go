package sqlstore

// Where the engines differ, besides column types in the migrations and the drivers' errors:
//
//  1. guarded: SQLite tells the rows affected before it commits; in PostgreSQL's pipeline the statement itself has to
//     fail when it changes nothing.
//  2. many rows: PostgreSQL takes the rows of several units as arrays (merge.go); SQLite has nothing to gain from it.
//  3. words: the names of the functions that make JSON, and the server's time, which SQLite does not have.

// guardMissed is SQLSTATE division_by_zero. No other statement divides, and which statement of a pipeline failed is
// known from its place.
const guardMissed = "22012"

// guardedText wraps an INSERT, UPDATE or DELETE so that it fails with guardMissed unless it changes exactly one row:
// integer 1/0 is an error, 1/1 is not, and a guarded statement names its row by a unique key.
func guardedText(sql string) string {
	return "WITH changed AS (" + sql + " RETURNING 1) SELECT 1 / COUNT(*) FROM changed"
}

// guardedRows does the same for a statement over arrays, which has to change as many rows as its first array has items.
func guardedRows(sql, array string) string {
	return "WITH changed AS (" + sql + " RETURNING 1) SELECT 1 / CAST(COUNT(*) = cardinality(" + array + ") AS INTEGER) FROM changed"
}

// words are names that the engines give to the same thing.
type words struct{ jsonArray, jsonObject, now string }

func sqliteWords() words { return words{"json_group_array", "json_object", ""} }

func postgresWords() words {
	return words{"json_agg", "json_build_object", "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"}
}
