package feed

import "github.com/otelactivity/activitylog/activity"

// English returns the messages in English: a new copy each time.
func English() *Messages {
	return &Messages{
		Tag: "en",
		Actions: map[activity.ActionType]Sentences{
			activity.ActionCreate:       {"{actor} created {object}", "{actor} failed to create {object}"},
			activity.ActionRead:         {"{actor} read {object}", "{actor} failed to read {object}"},
			activity.ActionUpdate:       {"{actor} updated {object}", "{actor} failed to update {object}"},
			activity.ActionDelete:       {"{actor} deleted {object}", "{actor} failed to delete {object}"},
			activity.ActionLogin:        {"{actor} logged in", "{actor} failed to log in"},
			activity.ActionLogout:       {"{actor} logged out", "{actor} failed to log out"},
			activity.ActionLoginFailed:  {"{actor} failed to log in", "{actor} failed to log in"},
			activity.ActionLoginAttempt: {"{actor} tried to log in", "{actor} failed to log in"},
		},
		Other:        Sentences{"{actor}: {action}, {object}", "{actor}: {action}, {object} (failed)"},
		Objects:      map[string]string{},
		Object:       "{type} “{name}”",
		Something:    "something",
		Actors:       map[activity.ActorType]string{"": "Somebody", activity.ActorAnonymous: "Somebody who was not logged in", activity.ActorSystem: "The system", activity.ActorService: "A service"},
		Impersonated: "Somebody with the account of {actor}",
		TimeLayout:   "2 Jan 2006, 15:04:05 MST",
		Words: map[string]string{
			"heading": "Activities", "empty": "There are no activities.", "field": "Field", "before": "Before", "after": "After",
			"pages": "Pages of activities", "newer": "Newer", "older": "Older",
			"impersonator_id": "Acted for the account", "tenant_id": "Organisation", "action_name": "Action", "error_type": "Error", "remarks": "Remarks",
			"client_address": "IP address", "user_agent": "Browser", "session_id": "Session", "service_name": "Service", "trace_id": "Trace",
			"span_id": "Span", "source": "Source", "recorded_at": "Recorded",
		},
	}
}
