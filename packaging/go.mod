module github.com/otelactivity/activitylog/packaging

go 1.26.0

replace github.com/otelactivity/activitylog => ../

require github.com/google/licensecheck v0.3.1
