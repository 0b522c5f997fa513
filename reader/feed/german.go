package feed

import "github.com/otelactivity/activitylog/activity"

// German returns the messages in German: a new copy each time. Months are numbers, as
// package time has names in English only.
func German() *Messages {
	return &Messages{
		Tag: "de",
		Actions: map[activity.ActionType]Sentences{
			activity.ActionCreate:       {"{actor} hat {object} angelegt", "{actor} konnte {object} nicht anlegen"},
			activity.ActionRead:         {"{actor} hat {object} gelesen", "{actor} konnte {object} nicht lesen"},
			activity.ActionUpdate:       {"{actor} hat {object} geändert", "{actor} konnte {object} nicht ändern"},
			activity.ActionDelete:       {"{actor} hat {object} gelöscht", "{actor} konnte {object} nicht löschen"},
			activity.ActionLogin:        {"{actor} hat sich angemeldet", "{actor} konnte sich nicht anmelden"},
			activity.ActionLogout:       {"{actor} hat sich abgemeldet", "{actor} konnte sich nicht abmelden"},
			activity.ActionLoginFailed:  {"{actor} konnte sich nicht anmelden", "{actor} konnte sich nicht anmelden"},
			activity.ActionLoginAttempt: {"{actor} hat versucht, sich anzumelden", "{actor} konnte sich nicht anmelden"},
		},
		Other:        Sentences{"{actor}: {action}, {object}", "{actor}: {action}, {object} (fehlgeschlagen)"},
		Objects:      map[string]string{"article": "Artikel", "document": "Dokument", "file": "Datei", "invoice": "Rechnung", "order": "Bestellung", "session": "Sitzung", "user": "Konto"},
		Object:       "{type} „{name}“",
		Something:    "etwas",
		Actors:       map[activity.ActorType]string{"": "Jemand", activity.ActorAnonymous: "Jemand ohne Anmeldung", activity.ActorSystem: "Das System", activity.ActorService: "Ein Dienst"},
		Impersonated: "Jemand mit dem Konto von {actor}",
		TimeLayout:   "02.01.2006, 15:04:05 MST",
		Words: map[string]string{
			"heading": "Aktivitäten", "empty": "Es gibt keine Aktivitäten.", "field": "Feld", "before": "Vorher", "after": "Nachher",
			"pages": "Seiten der Aktivitäten", "newer": "Neuere", "older": "Ältere",
			"impersonator_id": "Handelnde Person", "tenant_id": "Organisation", "action_name": "Aktion", "error_type": "Fehler", "remarks": "Anmerkung",
			"client_address": "IP-Adresse", "user_agent": "Browser", "session_id": "Sitzung", "service_name": "Dienst", "trace_id": "Trace",
			"span_id": "Span", "source": "Quelle", "recorded_at": "Aufgezeichnet",
		},
	}
}
