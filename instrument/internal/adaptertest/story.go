package adaptertest

// Step is one act of the story.
type Step struct {
	Who string // who has a session, "" for nobody
	Do  Do

	Article, Title string // of the acts on articles
	Name, Password string // of a login
}

// Do says what is done in a step.
type Do int

// What can be done in the blog, and how it is reached by HTTP.
const (
	Login       Do = iota // POST /login, form values name and password; answers {"token": …}
	Logout                // POST /logout
	List                  // GET /articles
	Create                // POST /articles, form value title; answers 201 with Location
	Get                   // GET /articles/{id}
	Rename                // PUT /articles/{id}, form value title
	Publish               // POST /articles/{id}/publish
	Comment               // POST /articles/{id}/comments; answers 201 with Location
	Delete                // DELETE /articles/{id}
	Boom                  // GET /boom panics
	CheckHealth           // GET /health
)

// Route says how an act is reached by HTTP.
type Route struct {
	Method string
	Path   string // with {id} for the article
	Open   bool   // it needs no session
}

// Routes are the routes of all acts. The token of a session is in the header Authorization,
// after "Bearer ".
var Routes = map[Do]Route{
	Login:       {"POST", "/login", true},
	Logout:      {"POST", "/logout", false},
	List:        {"GET", "/articles", false},
	Create:      {"POST", "/articles", false},
	Get:         {"GET", "/articles/{id}", false},
	Rename:      {"PUT", "/articles/{id}", false},
	Publish:     {"POST", "/articles/{id}/publish", false},
	Comment:     {"POST", "/articles/{id}/comments", false},
	Delete:      {"DELETE", "/articles/{id}", false},
	Boom:        {"GET", "/boom", false},
	CheckHealth: {"GET", "/health", true},
}

// Story has 18 steps: each kind of act, and each way to fail.
var Story = []Step{
	{Do: Login, Name: "alice", Password: "wrong"},
	{Do: Login, Name: "alice", Password: "ecila"},
	{Do: Login, Name: "bob", Password: "bob"},
	{Who: "alice", Do: List},
	{Who: "alice", Do: Create, Title: "Hello"},
	{Who: "bob", Do: Get, Article: "1"},
	{Who: "alice", Do: Rename, Article: "1", Title: "Hello, world"},
	{Who: "alice", Do: Publish, Article: "1"},
	{Who: "bob", Do: Comment, Article: "1"},
	{Who: "bob", Do: Delete, Article: "1"},                // hers
	{Who: "alice", Do: Rename, Article: "99", Title: "x"}, // there is none
	{Who: "alice", Do: Create},                            // no title
	{Do: Create, Title: "Spam"},                           // no session
	{Do: CheckHealth},
	{Who: "bob", Do: Boom},
	{Who: "alice", Do: Delete, Article: "1"},
	{Who: "alice", Do: Logout},
	{Who: "alice", Do: List}, // her session has ended
}
