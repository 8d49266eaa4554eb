-- Sends the bodies of a file, one a line, in their order after line number `sent`; prints what came of it as JSON.
--
-- wrk ... -- FILE SENT

local requests = {}
local count = 0
local position

function init(arguments)
    local headers = { ["Content-Type"] = "application/json" }
    for body in io.lines(arguments[1]) do
        count = count + 1
        requests[count] = wrk.format("POST", "/v1/predict", headers, body)
    end
    position = tonumber(arguments[2])
end

function request()
    position = position % count + 1
    return requests[position]
end

function done(summary)
    local errors = summary.errors
    local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
    io.write(string.format('{"requests":%d,"microseconds":%d,"failed":%d}\n',
        summary.requests, summary.duration, failed))
end
