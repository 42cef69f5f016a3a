-- The schema that a fresh database gets, and migration 001 of an old one. Moments are TEXT 'YYYY-MM-DDTHH:MM:SSZ' (UTC).
-- Lists are JSON arrays. Statements are separated by a line that holds nothing but '--'.
CREATE TABLE outlet (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    homepage TEXT NOT NULL,
    side TEXT NOT NULL,
    kind TEXT NOT NULL,
    languages TEXT NOT NULL,
    zone TEXT NOT NULL,
    scope TEXT NOT NULL CHECK (scope IN ('regional', 'general')),
    credited_as TEXT NOT NULL,
    hosts TEXT NOT NULL
) STRICT, WITHOUT ROWID
--
-- What is polled and when: this is the timetable, and the queue (a lease keeps two runs apart).
CREATE TABLE source (
    id TEXT PRIMARY KEY,
    outlet TEXT NOT NULL REFERENCES outlet (id),
    kind TEXT NOT NULL,
    url TEXT NOT NULL,                       -- as the catalogue says
    address TEXT,                            -- where it has moved to since, once that is settled
    moving_to TEXT,
    moving_seen INTEGER NOT NULL DEFAULT 0,  -- polls that agreed on moving_to
    languages TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    retired INTEGER NOT NULL DEFAULT 0,      -- 1 after 410 Gone: not polled unless named
    ship TEXT NOT NULL,
    note TEXT NOT NULL,
    user_agent TEXT,
    options TEXT NOT NULL,
    next_check_at TEXT NOT NULL,
    lease_owner TEXT,
    lease_until TEXT,
    etag TEXT,
    last_modified TEXT,
    body_hash TEXT,
    conditional_polls INTEGER NOT NULL DEFAULT 0,
    first_ok_at TEXT,
    last_ok_at TEXT,
    last_polled_at TEXT,
    last_outcome TEXT,
    last_status INTEGER,
    last_problem TEXT,
    last_new_at TEXT,                        -- when a poll last brought an entry not seen before
    window_at TEXT,                          -- when a poll last showed entries: those then seen are its window
    failures INTEGER NOT NULL DEFAULT 0,     -- in a row, of polls in which no route answered
    route INTEGER NOT NULL DEFAULT 0,        -- the one in use: 0 is kind and url above, others stand in the table route
    route_since TEXT,
    route_problem TEXT,                      -- what ails the first route
    probe_at TEXT,                           -- when the first route is asked again
    usual_seconds REAL,                      -- that the first route takes to answer
    wished_pause INTEGER,                    -- seconds between two polls that its list wishes
    quiet_hours TEXT NOT NULL DEFAULT '[]'   -- of UTC, in which its list wishes not to be asked
) STRICT, WITHOUT ROWID
--
-- Other ways to the stories of a source, asked in this order when those before fail; each with its own validators.
CREATE TABLE route (
    source TEXT NOT NULL REFERENCES source (id),
    number INTEGER NOT NULL CHECK (number > 0),
    kind TEXT NOT NULL,
    url TEXT NOT NULL,
    user_agent TEXT,
    options TEXT NOT NULL,
    mirror_of TEXT,
    address TEXT,
    moving_to TEXT,
    moving_seen INTEGER NOT NULL DEFAULT 0,
    etag TEXT,
    last_modified TEXT,
    body_hash TEXT,
    conditional_polls INTEGER NOT NULL DEFAULT 0,
    first_ok_at TEXT,
    PRIMARY KEY (source, number)
) STRICT, WITHOUT ROWID
--
CREATE INDEX source_due ON source (next_check_at) WHERE enabled
--
CREATE TABLE poll (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL REFERENCES source (id),
    started_at TEXT NOT NULL,
    ended_at TEXT NOT NULL,
    outcome TEXT NOT NULL,
    http_status INTEGER,
    problem TEXT,
    shown INTEGER NOT NULL,                  -- entries in the answer
    new INTEGER NOT NULL,                    -- of these not seen before
    route INTEGER NOT NULL DEFAULT 0         -- in use after it
) STRICT
--
CREATE INDEX poll_of_source ON poll (source, started_at)
--
-- Whether a source was watched without a gap: spans that hang together are one row, a gap is one of its own.
CREATE TABLE coverage (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL REFERENCES source (id),
    since TEXT NOT NULL,
    until TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('covered', 'gap', 'filled')),
    evidence TEXT NOT NULL,                  -- of the last poll of the span
    asked INTEGER NOT NULL DEFAULT 0,        -- 1: a person wants the stories of this time, `karabakh backfill`
    tries INTEGER NOT NULL DEFAULT 0,        -- to fill the gap by other roads
    requests INTEGER NOT NULL DEFAULT 0,
    found INTEGER NOT NULL DEFAULT 0,
    walk TEXT,                               -- where the search for its stories stands
    note TEXT,
    next_try_at TEXT
) STRICT
--
CREATE INDEX coverage_of_source ON coverage (source, state, until)
--
CREATE TABLE article (
    id INTEGER PRIMARY KEY,
    canonical_url TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    final_url TEXT NOT NULL,
    outlet TEXT NOT NULL REFERENCES outlet (id),
    source TEXT NOT NULL,
    guid TEXT,
    title TEXT NOT NULL,
    subtitle TEXT,
    body_dropped_at TEXT,
    text_source TEXT NOT NULL CHECK (text_source IN ('page', 'feed', 'summary')),
    language TEXT NOT NULL,
    language_method TEXT NOT NULL,
    script TEXT,
    authors TEXT NOT NULL,
    credit_name TEXT,
    credit_outlet TEXT,
    credit_evidence TEXT,
    dateline TEXT,
    published TEXT,
    published_precision TEXT,
    published_raw TEXT,
    published_method TEXT,
    published_doubt TEXT,                    -- why it may be wrong: 'future', 'feed'
    zone_inferred INTEGER NOT NULL,
    year_inferred INTEGER NOT NULL,
    modified TEXT,
    fetched TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    sort_at TEXT NOT NULL,                   -- published, or first_seen where the page states none or a later moment
    first_poll INTEGER NOT NULL,             -- 1: every source that shows it did so in its first successful poll
    section TEXT,
    tags TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('relevant', 'unsure', 'not')),
    score REAL NOT NULL,
    reasons TEXT NOT NULL,
    topic_version TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    extractor TEXT NOT NULL,
    extractor_version TEXT NOT NULL,
    extraction_confidence REAL,              -- 0 to 1: how far other readers of the page agree; NULL: no page was read
    undecoded INTEGER NOT NULL DEFAULT 0,    -- characters of title and body that stand as U+FFFD
    paywalled INTEGER NOT NULL DEFAULT 0,    -- 1: the page says that its full text is for subscribers
    live INTEGER NOT NULL DEFAULT 0,         -- 1: the page says that it is a running account
    alternates TEXT NOT NULL DEFAULT '[]',   -- JSON: the same story in other languages
    http_status INTEGER,
    warc TEXT,
    revision INTEGER NOT NULL DEFAULT 1,
    -- The long ones last: whatever stands behind them in a row costs a walk over its pages.
    images TEXT NOT NULL,
    summary TEXT,
    body TEXT NOT NULL
) STRICT
--
CREATE INDEX article_newest ON article (sort_at DESC, id DESC)
--
CREATE INDEX article_by_verdict ON article (outcome, sort_at DESC, id DESC)
--
CREATE INDEX article_by_outlet ON article (outlet, sort_at DESC, id DESC)
--
-- What retention may still drop.
CREATE INDEX article_with_body ON article (outcome, first_seen) WHERE body <> ''
--
CREATE INDEX article_by_first_seen ON article (first_seen)
--
-- Every story that any source has announced, with the verdict on its title and summary, fetched or not.
CREATE TABLE entry (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL REFERENCES source (id),
    canonical_url TEXT NOT NULL,
    url TEXT NOT NULL,
    guid TEXT,
    title TEXT NOT NULL,
    summary TEXT NOT NULL,
    content TEXT NOT NULL,                   -- the feed's own full text, until the page has been had
    whole_page INTEGER NOT NULL,             -- 1: content is the page itself, given by a spider; it is not asked for
    feed_hash TEXT NOT NULL,
    published TEXT,
    published_raw TEXT,
    updated TEXT,
    authors TEXT NOT NULL,
    tags TEXT NOT NULL,
    language TEXT,
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    first_poll INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    score REAL NOT NULL,
    reasons TEXT NOT NULL,
    topic_version TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'skipped', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0,
    next_try_at TEXT,                        -- set exactly while state is 'pending'
    problem TEXT,
    refusal TEXT,                            -- its page was had and is no story: why, in a word or two
    article_id INTEGER REFERENCES article (id),
    UNIQUE (source, canonical_url)
) STRICT
--
CREATE INDEX entry_waiting ON entry (source, next_try_at) WHERE state = 'pending'
--
-- What a source brought last, for its rhythm.
CREATE INDEX entry_of_source ON entry (source, first_seen)
--
CREATE INDEX entry_by_url ON entry (canonical_url)
--
CREATE INDEX entry_of_article ON entry (article_id) WHERE article_id IS NOT NULL
--
-- Other addresses of the same page: AMP and mobile twins, redirects, language-neutral links.
CREATE TABLE also_at (
    url TEXT PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES article (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID
--
CREATE INDEX also_at_of_article ON also_at (article_id)
--
-- What an outlet says on page after page (storage/boilerplate.py). `since`: which of its pages was the first to show it.
CREATE TABLE outlet_paragraph (
    outlet TEXT NOT NULL REFERENCES outlet (id),
    hash TEXT NOT NULL,
    sample TEXT NOT NULL,
    pages INTEGER NOT NULL,
    since INTEGER NOT NULL,
    last_seen TEXT NOT NULL,
    learnt_at TEXT,                          -- from here on it is left out of the outlet's stories
    PRIMARY KEY (outlet, hash)
) STRICT, WITHOUT ROWID
--
CREATE TABLE outlet_pages (
    outlet TEXT PRIMARY KEY REFERENCES outlet (id),
    pages INTEGER NOT NULL                   -- stories of the outlet whose paragraphs were counted
) STRICT, WITHOUT ROWID
--
CREATE TABLE sighting (
    article_id INTEGER NOT NULL REFERENCES article (id) ON DELETE CASCADE,
    source TEXT NOT NULL,
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    PRIMARY KEY (article_id, source, url)
) STRICT, WITHOUT ROWID
--
-- What an article said before each change; the present text stands in `article`.
CREATE TABLE revision (
    article_id INTEGER NOT NULL REFERENCES article (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    seen_from TEXT NOT NULL,
    seen_until TEXT NOT NULL,
    title TEXT NOT NULL,
    subtitle TEXT,
    body TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    text_source TEXT NOT NULL,
    PRIMARY KEY (article_id, number)
) STRICT, WITHOUT ROWID
--
-- Pages of stories that are looked at again, and what became of them (crawler/revisits.py plans it).
CREATE TABLE page (
    article_id INTEGER PRIMARY KEY REFERENCES article (id) ON DELETE CASCADE,
    entry_id INTEGER NOT NULL REFERENCES entry (id),
    source TEXT NOT NULL REFERENCES source (id),
    url TEXT NOT NULL,                       -- where it is asked
    etag TEXT,
    last_modified TEXT,
    body_hash TEXT NOT NULL,
    first_at TEXT NOT NULL,                  -- the plan counts from here
    seen_at TEXT NOT NULL,                   -- the story was last had, or said to be unchanged
    visits INTEGER NOT NULL DEFAULT 0,       -- looks that told something
    failures INTEGER NOT NULL DEFAULT 0,     -- looks in a row that told nothing
    next_visit_at TEXT,                      -- NULL: the plan has ended
    problem TEXT,                            -- what the last look met instead of the story
    missing_since TEXT,
    missing TEXT,                            -- what stands in its place
    withdrawn_at TEXT,                       -- a second look, a day later, has confirmed that it is gone
    moved_to TEXT,
    moved_at TEXT
) STRICT
--
CREATE INDEX page_due ON page (source, next_visit_at) WHERE next_visit_at IS NOT NULL
--
-- How many looks were begun in each hour (UTC) of the last day: their budget.
CREATE TABLE revisit (
    hour TEXT PRIMARY KEY,
    made INTEGER NOT NULL
) STRICT, WITHOUT ROWID
--
-- Pages saved in WARC files that were read, so that a second replay passes them over (storage/replays.py).
CREATE TABLE replayed (
    key TEXT PRIMARY KEY,                    -- of address, moment and answer
    warc TEXT NOT NULL,
    outcome TEXT NOT NULL,                   -- 'new', 'changed', 'same', or why it is no story
    read_by TEXT NOT NULL                    -- versions of the reader and of the topic
) STRICT, WITHOUT ROWID
--
CREATE TABLE mention (
    article_id INTEGER NOT NULL REFERENCES article (id) ON DELETE CASCADE,
    concept TEXT NOT NULL,
    field TEXT NOT NULL,
    start INTEGER NOT NULL,                  -- offsets in characters of the field as written
    end INTEGER NOT NULL,
    surface TEXT NOT NULL,
    PRIMARY KEY (article_id, field, start, end, concept)
) STRICT, WITHOUT ROWID
--
CREATE INDEX mention_of_concept ON mention (concept, article_id)
--
-- Verdicts that another topic took the place of, on texts that are no longer kept and so could not be judged again.
CREATE TABLE past_verdict (
    article_id INTEGER NOT NULL REFERENCES article (id) ON DELETE CASCADE,
    topic_version TEXT NOT NULL,
    outcome TEXT NOT NULL,
    score REAL NOT NULL,
    reasons TEXT NOT NULL,
    mentions TEXT NOT NULL,                  -- JSON: a list of (concept, surface, field, start, end)
    PRIMARY KEY (article_id, topic_version)
) STRICT, WITHOUT ROWID
--
-- What full-text search reads: the words of each text as topic.fold leaves them, one blank apart.
CREATE TABLE article_text (
    article_id INTEGER PRIMARY KEY REFERENCES article (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    subtitle TEXT NOT NULL,
    summary TEXT NOT NULL,
    body TEXT NOT NULL,
    authors TEXT NOT NULL
) STRICT
--
-- The tokenizer divides ASCII text only, at its blanks: what a word is in other scripts has been decided before.
CREATE VIRTUAL TABLE article_fts USING fts5 (
    title, subtitle, summary, body, authors,
    content = 'article_text', content_rowid = 'article_id', tokenize = 'ascii'
)
--
CREATE TRIGGER article_text_added AFTER INSERT ON article_text BEGIN
    INSERT INTO article_fts (rowid, title, subtitle, summary, body, authors)
    VALUES (new.article_id, new.title, new.subtitle, new.summary, new.body, new.authors);
END
--
CREATE TRIGGER article_text_removed AFTER DELETE ON article_text BEGIN
    INSERT INTO article_fts (article_fts, rowid, title, subtitle, summary, body, authors)
    VALUES ('delete', old.article_id, old.title, old.subtitle, old.summary, old.body, old.authors);
END
--
CREATE TRIGGER article_text_changed AFTER UPDATE ON article_text BEGIN
    INSERT INTO article_fts (article_fts, rowid, title, subtitle, summary, body, authors)
    VALUES ('delete', old.article_id, old.title, old.subtitle, old.summary, old.body, old.authors);
    INSERT INTO article_fts (rowid, title, subtitle, summary, body, authors)
    VALUES (new.article_id, new.title, new.subtitle, new.summary, new.body, new.authors);
END
--
-- Grows by a row whenever an article is written or revised. Steps downstream keep the last seq they have handled.
CREATE TABLE change (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    article_id INTEGER NOT NULL REFERENCES article (id) ON DELETE CASCADE,
    at TEXT NOT NULL
) STRICT
--
CREATE TABLE mark (
    step TEXT PRIMARY KEY,
    seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID
--
-- What ails a source at present. It is noticed (`event`: its beginning) once it has been shown often enough.
CREATE TABLE ailment (
    source TEXT NOT NULL REFERENCES source (id),
    kind TEXT NOT NULL,
    since TEXT NOT NULL,
    seen TEXT NOT NULL,
    shown INTEGER NOT NULL,                  -- times, without one in between that showed the contrary
    event INTEGER REFERENCES source_event (id),
    PRIMARY KEY (source, kind)
) STRICT, WITHOUT ROWID
--
-- Each beginning and each end of an ailment that was noticed, once; rows are never changed. Alerts keep the last id.
CREATE TABLE source_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL REFERENCES source (id),
    kind TEXT NOT NULL,
    change TEXT NOT NULL CHECK (change IN ('began', 'ended')),
    since TEXT NOT NULL,                     -- when the ailment began
    at TEXT NOT NULL,
    seen TEXT NOT NULL,
    beginning INTEGER REFERENCES source_event (id)  -- of an end
) STRICT
--
-- One row for each rule, article or event of a source, and channel. `channel` is a name of config.toml, never an address.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    rule TEXT NOT NULL,
    article_id INTEGER REFERENCES article (id),
    event_id INTEGER REFERENCES source_event (id),
    channel TEXT NOT NULL,
    key TEXT NOT NULL,                       -- the notice's idempotency key
    why TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'dead', 'held')),
    held TEXT,                               -- why it is recorded but never sent
    attempts INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    next_try_at TEXT,                        -- set exactly while state is 'waiting'
    lease_owner TEXT,
    lease_until TEXT,
    sent_at TEXT,
    problem TEXT,
    CHECK ((article_id IS NULL) <> (event_id IS NULL)),
    UNIQUE (article_id, rule, channel),
    UNIQUE (event_id, rule, channel)
) STRICT
--
CREATE INDEX outbox_waiting ON outbox (next_try_at) WHERE state = 'waiting'
--
-- What is so at present and concerns no single source, such as the network being away.
CREATE TABLE condition (
    name TEXT PRIMARY KEY,
    text TEXT NOT NULL,
    since TEXT NOT NULL
) STRICT, WITHOUT ROWID
--
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    command TEXT NOT NULL,
    owner TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    summary TEXT
) STRICT
--
-- Public and stable, documented in docs/database.md: one row a story.
CREATE VIEW story AS
SELECT
    article.id, article.published, article.first_seen, article.outlet, outlet.name AS outlet_name, outlet.side,
    article.language, article.title, article.final_url AS url, article.outcome AS verdict, article.score,
    (SELECT group_concat(value, '; ') FROM json_each(article.reasons)) AS reasons,
    (SELECT group_concat(value, ', ') FROM json_each(article.authors)) AS authors,
    article.credit_name AS credit, article.dateline, article.summary, article.body, article.revision,
    article.canonical_url,
    article.sort_at AS time,
    (SELECT missing_since FROM page WHERE article_id = article.id AND withdrawn_at IS NOT NULL) AS withdrawn_at
FROM article JOIN outlet ON outlet.id = article.outlet
