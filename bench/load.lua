-- Sends the bodies of a file, one a line, in their order after line number `sent`; prints what came of it as JSON.
-- Eight tildes in a body become a word that stood in no request before, however often the file is sent.
--
-- wrk ... -- FILE SENT

local TILDES = "~~~~~~~~"
local MOST_WORDS = 8 -- in one body
local FIRST_LETTER = string.byte("a")

local requests = {}
local count = 0
local position
local word
local needs_words = false

function init(arguments)
    local headers = { ["Content-Type"] = "application/json" }
    for body in io.lines(arguments[1]) do
        count = count + 1
        requests[count] = wrk.format("POST", "/v1/predict", headers, body)
        needs_words = needs_words or body:find(TILDES, 1, true) ~= nil
    end
    position = tonumber(arguments[2])
end

function request()
    position = position + 1
    local chosen = requests[(position - 1) % count + 1]
    if not needs_words then
        return chosen
    end
    word = position * MOST_WORDS
    return (chosen:gsub(TILDES, unseen_word))
end

-- The number of a word as eight letters, after a product that makes neighbours look different.
function unseen_word()
    word = word + 1
    local rest = word * 15485863 % 26 ^ 8
    local letters = {}
    for place = 1, 8 do
        letters[place] = string.char(FIRST_LETTER + rest % 26)
        rest = math.floor(rest / 26)
    end
    return table.concat(letters)
end

function done(summary, latency)
    local errors = summary.errors
    local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
    io.write(string.format('{"requests":%d,"microseconds":%d,"failed":%d,"p50":%d,"p99":%d}\n',
        summary.requests, summary.duration, failed, latency:percentile(50), latency:percentile(99)))
end
