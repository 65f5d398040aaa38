package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"elicense/internal/application"
	"elicense/internal/civil"
	"elicense/internal/ident"
	"elicense/internal/lang"
	"elicense/internal/party"
	"elicense/internal/port"
)

// bin is the number of an applicant with valid check digits.
func bin() string {
	for serial := 0; ; serial++ {
		if n, ok := ident.MakeBIN(2009, 1, '4', '0', serial); ok {
			return string(n)
		}
	}
}

// stored makes applications through the store, with the same spread as fill.sql.
func stored(ctx context.Context, s port.Store, me string, n int) error {
	names := []string{"Құрылыс", "Дала", "Сервис", "Жетісу", "Көлік", "Энергия", "Байланыс", "Өңір", "Сауда", "Мұнай"}
	dice, now, parties := rand.New(rand.NewPCG(1, 2)), time.Now().UTC().Truncate(time.Microsecond), n/3
	const step = 1000
	for first := 0; first < parties; first += step {
		err := s.Update(ctx, func(tx port.Tx) error {
			for i := first; i < min(first+step, parties); i++ {
				number := fmt.Sprintf("8%011d", i)
				if i == 1 {
					number = bin()
				}
				p := party.Party{ID: fmt.Sprint("p", i), Kind: party.Organisation, Number: number, Name: fmt.Sprintf("«%s %s Үлгі%d» ЖШС", names[i%10], names[i/10%10], i), Version: 1, CreatedAt: now}
				tx.Write().Accounts().AddParty(p)
				if i == 0 {
					tx.Write().Accounts().AddAccount(party.Account{ID: "bench", Party: p, IIN: "000000000000", Lang: "kk", Version: 1, CreatedAt: now})
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for first := 0; first < n; first += step {
		list := make([]application.Application, 0, step)
		for i := first; i < min(first+step, n); i++ {
			list = append(list, made(dice, i, parties, me, now))
		}
		err := s.Update(ctx, func(tx port.Tx) error {
			for _, a := range list {
				tx.Write().Applications().Add(a)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// made is application number i.
func made(dice *rand.Rand, i, parties int, me string, now time.Time) application.Application {
	bodies := []string{"knb", "knb", "knb", "cci", "cci", "mti", "moh", "moh", "moj", "moj"}
	age := dice.Float64()
	a := application.Application{Number: numbered(i), Service: "licence-restoration", Revision: 1, Operation: "restoration", Subtype: "cryptography",
		Body: bodies[dice.IntN(len(bodies))], Party: fmt.Sprint("p", i*7919%parties), Account: "bench", State: application.Issued, Version: 3,
		Answers: map[string]string{"category": "activity", "series": "15", "licence_number": fmt.Sprint(i)}, Journal: i}
	at := now.Add(-time.Duration(age * 1500 * 24 * float64(time.Hour)))
	switch state := dice.Float64(); {
	case state < 0.12:
		at = now.Add(-time.Duration(age * 18 * 24 * float64(time.Hour)))
		day := civil.Of(at, lang.Almaty())
		a.State, a.Work = application.Registered, application.Work{Step: "match", Due: day.AddDays(15), Report: application.Report{Clock: application.Clock{From: day, Days: 10}}}
		if i%4 == 0 {
			a.Work.Step = "confirm"
		}
		if dice.Float64() < 0.6 {
			a.Work.Holder = fmt.Sprint("o", i%200)
			if i%200 == 0 && a.Body == "knb" {
				a.Work.Holder = me
			}
		}
		if state < 0.01 {
			a.Work.Report.Clock.Stops = []application.Stop{{From: day.AddDays(3), Cause: application.CauseCorrection}}
		}
		if i%3 > 0 {
			a.Work.Department = fmt.Sprint("d", i%10)
		}
	case state < 0.2:
		a.State = application.Returned
	}
	a.CreatedAt, a.ChangedAt, a.SentAt, a.RegisteredAt = at, at, at, at
	return a
}

// numbered is the number of application i: the first has the check digits of a real one, so that it can be looked for.
func numbered(i int) string {
	if i == 0 {
		return ident.DocumentNumber("RRD", 10_000_000)
	}
	return fmt.Sprintf("KZ%02dRRD%08d", i%97, 10_000_000+i)
}
