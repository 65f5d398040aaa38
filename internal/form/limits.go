package form

import (
	"elicense/internal/fault"
	"elicense/internal/service"
)

// Limits are the arguments that the messages about an answer to a field mention: the greatest length, the decimal places.
func Limits(field service.Field) fault.Args { return limits(field) }
