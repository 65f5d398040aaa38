//go:build js

package main

import (
	"syscall/js"
	"time"
)

// main gives the worker one object, signer, and waits for the worker's end. Its functions take and give plain values:
//
//	signer.open(file: Uint8Array, password: Uint8Array, {iin, bin, now}) → {refusal, warning, certificate?}
//	signer.sign(documents: Uint8Array[], now) → {refusal, cms?: Uint8Array[]}
//
// now and the certificate's times are milliseconds of the epoch.
func main() {
	s := new(session)
	js.Global().Set("signer", map[string]any{
		"open": js.FuncOf(func(_ js.Value, args []js.Value) any {
			expects := args[2]
			return reply(s.open(bytesOf(args[0]), bytesOf(args[1]), expected{
				IIN: expects.Get("iin").String(), BIN: expects.Get("bin").String(), At: timeOf(expects.Get("now")),
			}))
		}),
		"sign": js.FuncOf(func(_ js.Value, args []js.Value) any {
			documents := make([][]byte, args[0].Length())
			for i := range documents {
				documents[i] = bytesOf(args[0].Index(i))
			}
			signed, reason := s.sign(documents, timeOf(args[1]))
			if reason != "" {
				return map[string]any{"refusal": reason}
			}
			all := make([]any, len(signed))
			for i, one := range signed {
				cms := js.Global().Get("Uint8Array").New(len(one))
				js.CopyBytesToJS(cms, one)
				all[i] = cms
			}
			return map[string]any{"refusal": "", "cms": all}
		}),
	})
	select {}
}

func bytesOf(v js.Value) []byte {
	b := make([]byte, v.Length())
	js.CopyBytesToGo(b, v)
	return b
}

func timeOf(v js.Value) time.Time { return time.UnixMilli(int64(v.Float())).UTC() }

func reply(o opened) map[string]any {
	answer := map[string]any{"refusal": o.Refusal, "warning": o.Warning}
	if c := o.Certificate; c != nil {
		answer["certificate"] = map[string]any{
			"name": c.Name, "iin": c.IIN, "organisation": c.Organisation, "bin": c.BIN, "email": c.Email, "issuer": c.Issuer,
			"algorithm": c.Algorithm, "from": c.NotBefore.UnixMilli(), "until": c.NotAfter.UnixMilli(),
		}
	}
	return answer
}
