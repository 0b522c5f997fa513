package adaptertest

import (
	"encoding/json"
	"net/http"
	"strings"
)

// Serve serves an act by HTTP, for routers of handlers of net/http. id is that of the article.
func (b *Blog) Serve(do Do, id string, w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	switch do {
	case Login:
		token, err := b.Login(ctx, r.FormValue("name"), r.FormValue("password"))
		answer(w, err, map[string]string{"token": token})
	case Logout:
		b.Logout(ctx, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	case List:
		answer(w, nil, b.Titles())
	case Create:
		a, err := b.Create(ctx, r.FormValue("title"))
		created(w, err, "/articles/"+a.ID)
	case Get:
		a, err := b.Get(id)
		answer(w, err, a)
	case Rename:
		answer(w, b.Rename(ctx, id, r.FormValue("title")), nil)
	case Publish:
		answer(w, b.Publish(ctx, id), nil)
	case Comment:
		comment, err := b.Comment(id)
		created(w, err, r.URL.Path+"/"+comment)
	case Delete:
		answer(w, b.Delete(ctx, id), nil)
	case Boom:
		panic("boom")
	case CheckHealth:
	}
}

func created(w http.ResponseWriter, err error, location string) {
	if err != nil {
		answer(w, err, nil)
		return
	}
	w.Header().Set("Location", location)
	w.WriteHeader(http.StatusCreated)
}

func answer(w http.ResponseWriter, err error, value any) {
	if err != nil {
		http.Error(w, err.Error(), Code(err))
		return
	}
	_ = json.NewEncoder(w).Encode(value)
}
