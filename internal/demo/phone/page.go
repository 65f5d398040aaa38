package phone

import (
	"errors"
	"html/template"

	"elicense/internal/lang"
)

// view is what the simulator shows: without documents it asks for a link.
type view struct {
	Style     template.CSS
	Link      string
	Offer     offer
	Documents []document
	Keys      []choice
	Problem   string
	Done      bool
	detached  bool
}

// Deadline is until when the offer stands, as the clocks of the country show it.
func (v view) Deadline() string {
	until, err := v.Offer.until()
	if err != nil {
		return v.Offer.ExpiryDate
	}
	return until.In(lang.Almaty()).Format("02.01.2006 15:04")
}

// choice is one key on offer.
type choice struct{ ID, Name string }

const styleText = `body{font:16px/1.5 sans-serif;max-width:24rem;margin:1rem auto;padding:1rem;border:2px solid #555;border-radius:1rem}` +
	`h1{font-size:1.25rem}dt{color:#444}dd{margin:0 0 .5rem;overflow-wrap:anywhere}select,input{font:inherit;width:100%;box-sizing:border-box;min-height:2.75rem}` +
	`button{font:inherit;min-height:2.75rem;padding:0 1rem;margin-top:1rem}.demo{background:#fff3cd;padding:.5rem}.problem{border-left:4px solid #a00;padding-left:.5rem}`

// The simulator's own few words stand in Kazakh and Russian at once, as the portal's catalogue has no place for a double.
const pageText = `<!DOCTYPE html><html lang="kk"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Телефон симуляторы</title><style>{{.Style}}</style></head><body><main>
<p class="demo">DEMO. Бұл — eGov Mobile қолданбасының симуляторы, оның кілттері ойдан шығарылған. <span lang="ru">Это симулятор приложения eGov Mobile, ключи вымышленные.</span></p>
<h1>{{if .Done}}Қол қойылды{{else if .Documents}}Қол қоюға сұраныс{{else}}Телефон{{end}}</h1>
{{if .Problem}}<p class="problem" role="alert">{{.Problem}}</p>{{end}}
{{if .Done}}<p>Қолтаңба порталға жіберілді. Порталдың бетіне оралыңыз. <span lang="ru">Подпись отправлена. Вернитесь на страницу портала.</span></p>
{{else if .Documents}}
<dl><dt>Кім сұрайды <span lang="ru">/ Кто запрашивает</span></dt><dd>{{.Offer.Organisation.NameKZ}}, {{.Offer.Organisation.BIN}}</dd><dt>Не үшін <span lang="ru">/ Для чего</span></dt><dd>{{.Offer.Description}}</dd><dt>Мерзімі <span lang="ru">/ Срок</span></dt><dd>{{.Deadline}}</dd>
{{range .Documents}}<dt>Құжат <span lang="ru">/ Документ</span></dt><dd>{{.NameKZ}}</dd>{{range .Meta}}<dt>{{.Name}}</dt><dd>{{.Value}}</dd>{{end}}{{end}}</dl>
<form method="post" action="?link={{.Link}}"><label for="key">Кілт <span lang="ru">/ Ключ</span></label><select id="key" name="key">{{range .Keys}}<option value="{{.ID}}">{{.Name}}</option>{{end}}</select><button>Қол қою <span lang="ru">/ Подписать</span></button></form>
{{else}}<form method="get"><label for="link">QR-кодтағы сілтеме <span lang="ru">/ Ссылка из QR-кода</span></label><input id="link" name="link" value="{{.Link}}"><button>Ашу <span lang="ru">/ Открыть</span></button></form>{{end}}
</main></body></html>`

// told says what stopped the simulator: in Kazakh and Russian where the person can go on, else what breaks the protocol,
// for whoever works on the portal.
func told(err error) string {
	switch {
	case errors.Is(err, errAdmitted):
		return "Бұл мекенжай рұқсат етілген порталдар тізімінде жоқ. Сілтемені порталдың бетінен ашыңыз. / Этого адреса нет в списке разрешённых порталов. Откройте ссылку со страницы портала."
	case errors.Is(err, errOver):
		return "Сілтеменің уақыты өтті. Порталдан жаңа QR-кодты сканерлеңіз. / Время ссылки вышло. Отсканируйте на портале новый QR-код."
	case errors.Is(err, errSilent):
		return "Портал жауап бермейді. Біраздан кейін қайталаңыз. / Портал не отвечает. Повторите немного позже."
	}
	return err.Error()
}
