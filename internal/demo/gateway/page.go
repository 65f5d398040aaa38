package gateway

import (
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"elicense/internal/lang"
	"elicense/internal/money"
	"elicense/internal/pay"
)

// view is what the page shows; without an order it says that the link is wrong.
type view struct {
	Words text
	Lang  lang.Lang
	Style template.CSS
	Order *pay.Order
	Sum   string
	Query string
}

// text is the simulator's own few words: the portal's catalogue has no place for a double.
type text struct{ Title, Demo, Sum, Purpose, Invoice, Pay, Decline, Duplicates, Wrong string }

func words(l lang.Lang) text {
	switch l {
	case lang.KK:
		return text{
			Title: "Төлем", Demo: "Бұл — көрсетілімге арналған төлем шлюзінің симуляторы. Ақша аударылмайды.", Sum: "Сомасы", Purpose: "Төлем мақсаты",
			Invoice: "Шот", Pay: "Төлеу", Decline: "Төлемнен бас тарту", Duplicates: "Хабарламаны бірнеше рет жіберу", Wrong: "Төлем сілтемесі қате.",
		}
	case lang.EN:
		return text{
			Title: "Payment", Demo: "This is a simulator of a payment gateway, for demonstration. No money moves.", Sum: "Sum", Purpose: "Purpose",
			Invoice: "Invoice", Pay: "Pay", Decline: "Decline the payment", Duplicates: "Send the notice several times", Wrong: "The link to the payment is wrong.",
		}
	}
	return text{
		Title: "Оплата", Demo: "Это симулятор платёжного шлюза для демонстрации. Деньги не переводятся.", Sum: "Сумма", Purpose: "Назначение платежа",
		Invoice: "Счёт", Pay: "Оплатить", Decline: "Отказаться от оплаты", Duplicates: "Отправить уведомление несколько раз", Wrong: "Ссылка на оплату неверна.",
	}
}

func (g *Gateway) order(o pay.Order, query string) view {
	return view{Words: words(o.Lang), Lang: o.Lang, Style: styleText, Order: &o, Sum: tenge(o.Amount), Query: "?" + query}
}

// tenge writes a sum with groups of three: 43 250 ₸ or 43 250,50 ₸.
func tenge(t money.Tiyn) string {
	whole := strconv.FormatInt(int64(t/100), 10)
	var b strings.Builder
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteRune('\u00a0')
		}
		b.WriteRune(digit)
	}
	if rest := int64(t % 100); rest != 0 {
		b.WriteString("," + strconv.FormatInt(100+rest, 10)[1:])
	}
	return b.String() + "\u00a0₸"
}

// show writes the page; a person who is gone is nobody's error.
func (g *Gateway) show(w http.ResponseWriter, v view) {
	if err := g.page.Execute(w, v); err != nil {
		g.set.Log.Debug("demo gateway: page", "error", err)
	}
}

const styleText = `body{font:1.0625rem/1.5 system-ui,sans-serif;margin:0;color:#111}main{max-width:34rem;margin:0 auto;padding:1rem}` +
	`.demo{background:#fff3c4;border:2px solid #8a6100;padding:.5rem 1rem}dt{font-weight:700}dd{margin:0 0 .75rem;overflow-wrap:anywhere}` +
	`button{font:inherit;min-height:2.75rem;padding:.5rem 1.25rem;margin:.5rem .5rem 0 0;border:2px solid #0b4f6c;background:#fff;color:#0b4f6c}` +
	`button.main{background:#0b4f6c;color:#fff}input{width:1.5rem;height:1.5rem;vertical-align:middle}:focus-visible{outline:3px solid #b35c00;outline-offset:2px}`

const pageText = `<!DOCTYPE html>
<html lang="{{.Lang}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Words.Title}} – DEMO</title>
<style>{{.Style}}</style>
</head>
<body>
<main>
<p class="demo"><strong>DEMO.</strong> {{.Words.Demo}}</p>
<h1>{{.Words.Title}}</h1>
{{with .Order}}<dl>
<dt>{{$.Words.Sum}}</dt><dd>{{$.Sum}}</dd>
<dt>{{$.Words.Purpose}}</dt><dd>{{.Purpose}}</dd>
<dt>{{$.Words.Invoice}}</dt><dd>{{.Invoice}}</dd>
</dl>
<form method="post" action="{{$.Query}}">
<p><label><input type="checkbox" name="duplicates" value="1"> {{$.Words.Duplicates}}</label></p>
<button class="main" name="choice" value="pay">{{$.Words.Pay}}</button>
<button name="choice" value="decline">{{$.Words.Decline}}</button>
</form>{{else}}<p>{{.Words.Wrong}}</p>{{end}}
</main>
</body>
</html>
`
