module github.com/otelactivity/activitylog/packaging

go 1.26.0

replace github.com/otelactivity/activitylog => ../

require (
	github.com/google/licensecheck v0.3.1
	github.com/otelactivity/activitylog v0.0.0-00010101000000-000000000000
)
