package main

import (
	"fmt"
	"testing"
)

func TestStrictFlag(t *testing.T) {
	opts, err := parseFlags([]string{"-strict=Create,login_failed"})
	if got := fmt.Sprint(opts.web.Strict); err != nil || got != "[Create Login Failed]" {
		t.Errorf("types %s, error %v", got, err)
	}
	if _, err := parseFlags([]string{"-strict=Creat"}); err == nil {
		t.Error("an unknown type is no error")
	}
}

func TestTrustedProxiesFlag(t *testing.T) {
	opts, err := parseFlags([]string{"-trusted-proxies", "10.0.0.0/8, ::1/128"})
	if got := fmt.Sprint(opts.web.TrustedProxies); err != nil || got != "[10.0.0.0/8 ::1/128]" {
		t.Errorf("got %s, %v", got, err)
	}
	if opts, err := parseFlags(nil); err != nil || opts.web.TrustedProxies != nil {
		t.Errorf("without the flag: %v, %v, want none", opts.web.TrustedProxies, err)
	}
}
