module github.com/otelactivity/activitylog

go 1.25.0
