package route

import "strings"

// The words are those of the documentation of each product, in lower case.
var (
	// probes are whole paths, also below "/api" and a version.
	probes = set(`health healthz healthcheck health-check health_check _health healthy
		health/live health/liveness health/ready health/readiness health/startup health/db health/check
		livez readyz startupz liveness readiness ready alive up ping _ping heartbeat __heartbeat__ __lbheartbeat__
		-/healthy -/ready -/health -/liveness -/readiness -/metrics -/ping
		metrics federate prometheus ` + strings.Join(surePaths, " "))

	// sureProbes are also known below the path of an application.
	sureProbes = set("healthz livez readyz startupz healthcheck health-check health_check _health __heartbeat__ __lbheartbeat__ " +
		strings.Join(surePaths, " "))

	// surePaths are those of Spring Boot, Quarkus and MicroProfile, and JHipster.
	surePaths = []string{
		"actuator/health", "actuator/health/liveness", "actuator/health/readiness", "actuator/health/ping",
		"actuator/prometheus", "actuator/metrics",
		"q/health", "q/health/live", "q/health/ready", "q/health/started", "q/metrics",
		"management/health", "management/health/liveness", "management/health/readiness", "management/prometheus",
	}

	// probeFolders are the first words of probes with several.
	probeFolders = set("health - actuator q management")

	// pageNames are probes that a page of an application may be called like, too.
	pageNames = set("health healthy metrics ready alive up heartbeat prometheus")

	// siteFiles are what browsers and crawlers ask every site for.
	siteFiles = set(`favicon.ico favicon.svg favicon.png favicon-16x16.png favicon-32x32.png robots.txt sitemap.xml humans.txt
		ads.txt apple-touch-icon.png apple-touch-icon-precomposed.png browserconfig.xml manifest.json site.webmanifest
		manifest.webmanifest asset-manifest.json service-worker.js sw.js`)

	// staticFolders hold the files of pages. "_next/static" is one by its second word.
	staticFolders = set(`static staticfiles assets asset css js javascript javascripts stylesheets fonts img imgs icons images
		_nuxt _app _astro webjars packs dist bundles themes vendor @vite node_modules`)

	// contentFolders hold what users have written or uploaded.
	contentFolders = set(`attachment attachments avatar avatars blob blobs content contents document documents download downloads
		export exports file files gallery image media object objects photo photos picture pictures private profile
		profiles raw report reports repository repositories repos storage upload uploads user users wiki`)
)

// pageFiles are the kinds of files by their extension.
var pageFiles = map[string]fileKind{
	"css": codeFile, "js": codeFile, "mjs": codeFile, "cjs": codeFile, "map": codeFile, "wasm": codeFile, "webmanifest": codeFile,
	"woff": codeFile, "woff2": codeFile, "ttf": codeFile, "otf": codeFile, "eot": codeFile, "ico": codeFile,
	"png": pictureFile, "jpg": pictureFile, "jpeg": pictureFile, "gif": pictureFile, "svg": pictureFile, "webp": pictureFile,
	"avif": pictureFile, "bmp": pictureFile,
	"json": otherFile, "txt": otherFile, "xml": otherFile, "html": otherFile, "htm": otherFile, "gz": otherFile, "br": otherFile,
	"mp3": otherFile, "mp4": otherFile, "webm": otherFile, "ogg": otherFile,
}
