# An HTTP service on WEBrick: whether a year is a leap year, and on which day it begins.
require "json"
require "date"
require "webrick"

port = Integer(ENV.fetch("PORT", "8080"))
server = WEBrick::HTTPServer.new(Port: port, BindAddress: ENV.fetch("HOST", "0.0.0.0"), AccessLog: [])
server.mount_proc("/healthz") { |_, response| response.body = "ok\n" }
server.mount_proc("/years/") do |request, response|
  year = Integer(request.path.delete_prefix("/years/"), 10, exception: false)
  if year
    response["Content-Type"] = "application/json"
    response.body = JSON.generate(year: year, leap: Date.leap?(year), begins: Date.new(year).strftime("%A"))
  else
    response.status = 404
  end
end
%w[INT TERM].each { |signal| trap(signal) { server.shutdown } }
server.start
