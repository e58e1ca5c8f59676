-- Posts a callback of three pairs as Tencent would: keep-alive, sorted query, a RequestId of its own each time. The
-- argument, if there is one, is how many threads others have that run at the same time.
local threads = 0

function setup(thread)
  thread:set("id", threads)
  threads = threads + 1
end

function init(arguments)
  id = id + (tonumber(arguments[1]) or 0)
  counter = 0
  headers = { ["Content-Type"] = "application/json" }
  body = '{"CallbackCommand":"Sns.CallbackBlackListAdd","PairList":['
    .. '{"From_Account":"id","To_Account":"id1"},{"From_Account":"id","To_Account":"id2"},'
    .. '{"From_Account":"id","To_Account":"id3"}]}'
end

function request()
  counter = counter + 1
  local path = string.format(
    "/callback?CallbackCommand=Sns.CallbackBlackListAdd&ClientIP=203.0.113.7&OptPlatform=RESTAPI"
      .. "&RequestId=%08x-%04x-4000-8000-%012x&SdkAppid=1400000000&contenttype=json",
    os.time(), id, counter)
  return wrk.format("POST", path, headers, body)
end
