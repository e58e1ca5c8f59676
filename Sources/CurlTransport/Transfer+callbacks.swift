import CCurl
import Foundation
import GatewayCore

// What libcurl calls, as C functions; the context is the transfer.

func headCallback(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  // Anything but the number of bytes ends the transfer.
  transfer(context).receiveHead(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : -1
}

func bodyCallback(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  transfer(context).receiveBody(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : -1
}

func openSocketCallback(
  _ context: UnsafeMutableRawPointer?, _ purpose: curlsocktype, _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
  guard let address, let socketAddress = switchyard_curl_socket_address(address), let ip = IPAddress(socketAddress)
  else { return CURL_SOCKET_BAD }
  return transfer(context).openSocket(ip, port: Int(switchyard_ip_port(socketAddress))) {
    socket(address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), address.pointee.protocol)
  }
}

func beforeRequestCallback(
  _ context: UnsafeMutableRawPointer?, _ peer: UnsafeMutablePointer<CChar>?, _ own: UnsafeMutablePointer<CChar>?,
  _ peerPort: Int32, _ ownPort: Int32
) -> Int32 {
  guard let peer, let ip = IPAddress(withoutZone: String(cString: peer)),
    transfer(context).mayUseConnection(to: ip, port: Int(peerPort))
  else { return CURL_PREREQFUNC_ABORT }
  return CURL_PREREQFUNC_OK
}

// SAFETY: the context is set by the transfer itself, which libcurl's handle does not outlive.
private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer {
  guard let context else { preconditionFailure("libcurl lost the context of a transfer") }
  return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
}
