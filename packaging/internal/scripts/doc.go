// Package scripts tests the scripts of the supply chain: scripts/vulncheck.sh and scripts/mod-verify.sh.
package scripts
