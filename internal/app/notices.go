package app

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"elicense/internal/message"
	"elicense/internal/notice"
	"elicense/internal/notify"
	"elicense/internal/port"
	"elicense/internal/queue"
)

// noticeFrom is the sender of mail where none is configured: into a folder.
const noticeFrom = "no-reply@elicense.example"

// tell assembles notices and messages over the use cases that cause them.
func (a *App) tell(extras Extras) error {
	senders, err := a.senders(extras)
	if err != nil {
		return err
	}
	a.Notices = &notice.Notices{Store: a.Store, World: a.World, Words: notice.Locales{Texts: a.Texts, Own: a.wording.Letter}, Origin: a.Config.Origin, Senders: senders}
	a.Messages = &message.Messages{Store: a.Store, World: a.World, Blobs: a.Blobs, Documents: a.Documents, Notices: a.Notices}
	a.Numbering.Withdrawn, a.Acts.Told = a.Notices.NumbersWithdrawn, a.Notices.Acted
	return nil
}

// senders are the channels of the configuration, or those of the extras.
func (a *App) senders(extras Extras) (map[port.Channel]port.Sender, error) {
	if extras.Senders != nil {
		return extras.Senders, nil
	}
	c, list := a.Config, map[port.Channel]port.Sender{}
	if c.NoticeFolder != "" {
		list[port.Mail] = notify.Folder{Path: filepath.Join(c.NoticeFolder, "mail"), From: noticeFrom, Now: a.World.Now}
		list[port.SMS] = notify.Folder{Path: filepath.Join(c.NoticeFolder, "sms"), SMS: true, Now: a.World.Now}
	}
	if c.SMTP != "" {
		password, err := c.MailPassword()
		if err != nil {
			return nil, err
		}
		list[port.Mail] = notify.SMTP{Address: c.SMTP, From: c.SMTPFrom, User: c.SMTPUser, Password: password, Plain: c.LocalMail(), Now: a.World.Now}
	}
	providers, err := c.SMSProviders()
	if err != nil {
		return nil, err
	}
	if len(providers) > 0 {
		sms := notify.Providers{}
		for _, p := range providers {
			sms.List = append(sms.List, notify.Provider{Name: p.Name, URL: p.URL, Token: p.Token, Client: &http.Client{}})
		}
		list[port.SMS] = sms
	}
	return list, nil
}

// telling is the chore that writes and sends notices.
func (a *App) telling() queue.Chore {
	return queue.Chore{Name: "notices", Every: 10 * time.Second, Within: 10 * time.Minute, Do: a.Notices.Work}
}

// noticesGo tells doctor about notices that were given up.
func (a *App) noticesGo(ctx context.Context) (string, error) {
	store, err := OpenStore(ctx, a.Config)
	if err != nil {
		return "", err
	}
	defer func() { _ = store.Close() }() // only asked
	var list []port.Notice
	err = store.View(ctx, func(v port.View) (err error) {
		list, err = v.Office().Notices().Parked(ctx, 100)
		return err
	})
	if err != nil || len(list) == 0 {
		return "none was given up", err
	}
	reasons := map[string]int{}
	for _, n := range list {
		reasons[string(n.Channel)+" "+n.Reason]++
	}
	return "", fmt.Errorf("%d given up: %v", len(list), reasons)
}
