package filing

import (
	"slices"
	"strings"
)

// fromRegister tells whether a state register is among the sources of a prefilled field.
func fromRegister(prefill []string) bool {
	return slices.ContainsFunc(prefill, func(from string) bool { return strings.HasPrefix(from, "registry.") })
}
