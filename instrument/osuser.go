package instrument

import (
	"os/user"

	"github.com/otelactivity/activitylog/activity"
)

// OSUser returns the user of the operating system who runs the program, as the actor of a
// command line or a cron job. Its id is the user's name. Where that is not known, as in a
// container without a list of users, it is the number of the user, and the zero Actor without
// any. Behind sudo, it is who the program runs as.
func OSUser() activity.Actor {
	u, err := user.Current()
	if err != nil {
		return activity.Actor{}
	}
	id := u.Username
	if id == "" {
		id = u.Uid
	}
	if id == "" {
		return activity.Actor{}
	}
	return activity.Actor{ID: id, Type: activity.ActorUser, Name: u.Name}
}
