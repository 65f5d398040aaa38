package service

import "elicense/internal/lang"

// completenessDays is the term of article 25 (1) of the Law on permits and notifications, in working days after the day of
// receipt.
const completenessDays = 2

// CompletenessDays is the time within which officials check whether the documents are complete, in working days; 0 = there
// is no such check. Left out it is the law's, wherever officials decide.
func (p Process) CompletenessDays() int {
	switch {
	case len(p.Steps) == 0:
		return 0
	case p.Completeness != nil:
		return *p.Completeness
	}
	return completenessDays
}

// lawsGround is the key of the ground that the law itself gives.
const lawsGround = "not_complete"

// Incompleteness lists the legal grounds on which further consideration is refused because documents are missing: those of
// the service, or else the law's.
func (p Process) Incompleteness() []Refusal {
	switch {
	case p.CompletenessDays() == 0:
		return nil
	case len(p.Incomplete) > 0:
		return p.Incomplete
	}
	return []Refusal{{Key: lawsGround,
		Ground: lang.Text{KK: "Өтініш беруші құжаттардың толық топтамасын ұсынбаған.", RU: "Заявителем представлен неполный пакет документов.", EN: "The applicant has not submitted all the documents."},
		Act: lang.Text{KK: "«Рұқсаттар және хабарламалар туралы» Қазақстан Республикасының Заңы, 25-баптың 1-тармағы",
			RU: "Закон Республики Казахстан «О разрешениях и уведомлениях», пункт 1 статьи 25",
			EN: "Law of the Republic of Kazakhstan on permits and notifications, article 25 (1)"},
		Advice: lang.Text{KK: "Жетіспейтін құжаттарды қосып, өтінішті қайта беріңіз.", RU: "Приложите недостающие документы и подайте заявление заново.", EN: "Add the missing documents and apply again."},
	}}
}

// IncompleteGround finds a ground of incompleteness by its key.
func (p Process) IncompleteGround(key string) (Refusal, bool) {
	return groundOf(p.Incompleteness(), key)
}

// completeness checks the time and the grounds of the check: a ground has one meaning, so no key stands in both lists.
func (c *checker) completeness(p Process) {
	if n := p.Completeness; n != nil {
		if *n < 0 || *n > 10 {
			c.at("completeness").add("process: completeness is 1 to 10 working days, 0 where nothing is checked, or left out for the %d of the law, not %d", completenessDays, *n)
			return
		}
		for _, o := range c.def.Operations {
			if o.WorkingDays > 0 && *n > o.WorkingDays && !o.Automatic {
				c.at("completeness").add("process: the check of completeness has %d working days and operation %s is decided in %d: give the check less", *n, o.Key, o.WorkingDays)
			}
		}
		if *n == 0 && len(p.Incomplete) > 0 {
			c.at("incomplete").add("process: nothing is checked (completeness: 0), so there are no grounds of incompleteness: leave one of the two out")
		}
	}
	if len(p.Incomplete) > 0 {
		c.grounds("incomplete", p.Incomplete, "")
	}
	for i, g := range p.Grounds {
		if _, twice := p.IncompleteGround(g.Key); twice {
			c.at("grounds[%d].key", i).add("ground %s: that is a ground of incompleteness already: give this one another key", g.Key)
		}
	}
}
