// Command size says what a number of activities a second needs: cores, machines, disks, and what
// they cost. It multiplies what costs.tsv says of one record, and adds nothing of its own.
//
//	go run ./scale/size -rate 10000 -days 90
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
)

func main() {
	err := run(os.Args[1:], os.Stdout, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "size:", err)
		os.Exit(2)
	}
}

// run writes what the plan of the arguments needs.
func run(args []string, out, usage io.Writer) error {
	p, err := parse(args, usage)
	if err != nil {
		return err
	}
	all, err := readCosts()
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(out, p.needs(all).String())
	return err
}

// parse reads the flags. An argument beside them is an error: "size 10000" would be the default rate.
func parse(args []string, usage io.Writer) (*plan, error) {
	var p plan
	flags := flag.NewFlagSet("size", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // main prints the error
	flags.Float64Var(&p.rate, "rate", 1000, "activities a second, on average over a day")
	flags.Float64Var(&p.peak, "peak", 3, "how many times as many there are at the busiest time")
	flags.Float64Var(&p.days, "days", 90, "days for which rows are kept")
	flags.DurationVar(&p.outage, "outage", 4*time.Hour, "how long the database may be away at the busiest time")
	flags.Float64Var(&p.busy, "busy", 0.5, "how much of a core may be in use at the busiest time")
	flags.Float64Var(&p.cores, "cores", 4, "cores of a collector's machine")
	flags.Float64Var(&p.coreMonth, "core-month", 25, "price of a core for a month")
	flags.Float64Var(&p.gbMonth, "gb-month", 0.1, "price of a GB of disk for a month")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			flags.SetOutput(usage)
			flags.Usage()
		}
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("there must be flags alone, such as -rate 10000; got %q", flags.Arg(0))
	}
	return &p, p.check()
}
