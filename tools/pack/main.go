// Command pack compresses a file for the web as small as it gets: FILE → FILE.br (brotli, 11) and FILE.gz (gzip, 9). What it
// writes it has unpacked again and compared.
//
//	pack INPUT OUTPUT
package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/andybalholm/brotli"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: pack INPUT OUTPUT")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func run(input, output string) error {
	plain, err := os.ReadFile(input)
	if err != nil {
		return err
	}
	var gz, br bytes.Buffer
	zw, err := gzip.NewWriterLevel(&gz, gzip.BestCompression)
	if err != nil {
		return err
	}
	// The window of 24 bits is the widest that browsers take (RFC 7932, 9.1).
	bw := brotli.NewWriterOptions(&br, brotli.WriterOptions{Quality: brotli.BestCompression, LGWin: 24})
	for _, w := range []io.WriteCloser{zw, bw} {
		if _, err := w.Write(plain); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
	}
	zr, err := gzip.NewReader(bytes.NewReader(gz.Bytes()))
	if err != nil {
		return err
	}
	for _, r := range []io.Reader{zr, brotli.NewReader(bytes.NewReader(br.Bytes()))} {
		if unpacked, err := io.ReadAll(r); err != nil || !bytes.Equal(unpacked, plain) {
			return errors.Join(errors.New("what was packed does not unpack to the same"), err)
		}
	}
	fmt.Printf("%s: %d bytes, gzip %d, brotli %d\n", output, len(plain), gz.Len(), br.Len())
	return errors.Join(os.WriteFile(output+".gz", gz.Bytes(), 0o600), os.WriteFile(output+".br", br.Bytes(), 0o600))
}
