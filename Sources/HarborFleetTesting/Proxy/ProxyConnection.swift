internal import Glibc

/// One connection through a `FaultProxy`: a client's socket, the server's socket, and the bytes in transit
/// between them. Used on the proxy's thread only.
final class ProxyConnection {
    let client: CInt
    let server: CInt
    private var toServer: ProxyStream
    private var toClient: ProxyStream
    private var isConnecting: Bool
    private var cut: FaultProxy.Cut = .reset
    /// How it must be closed; nil while it continues.
    private(set) var ending: FaultProxy.Cut?
    private(set) var wasTruncated = false

    init(client: CInt, server: CInt, isConnecting: Bool, mode: FaultProxy.Mode) {
        self.client = client
        self.server = server
        self.isConnecting = isConnecting
        toServer = ProxyStream(rule: .init(mode, .toServer))
        toClient = ProxyStream(rule: .init(mode, .toClient))
        set(mode)
    }

    func set(_ mode: FaultProxy.Mode) {
        toServer.rule = .init(mode, .toServer)
        toClient.rule = .init(mode, .toClient)
        if case .truncate(_, _, let cut) = mode { self.cut = cut }
    }

    /// The events that poll(2) must report for the client's and for the server's socket. A socket without such
    /// events is left out, because poll would report its hang-up again and again.
    func interest(at now: ProxyStream.Instant) -> (client: Int16, server: Int16) {
        guard !isConnecting else { return (0, Int16(POLLOUT)) }
        return (
            Self.events(reads: toServer.isReading, writes: !toClient.writable(at: now).isEmpty),
            Self.events(reads: toClient.isReading, writes: !toServer.writable(at: now).isEmpty)
        )
    }

    private static func events(reads: Bool, writes: Bool) -> Int16 {
        (reads ? Int16(POLLIN) : 0) | (writes ? Int16(POLLOUT) : 0)
    }

    var nextDue: ProxyStream.Instant? { [toServer.nextDue, toClient.nextDue].compactMap { $0 }.min() }

    /// Moves all bytes that can be moved.
    func proceed(clientIsReadable: Bool, serverIsReadable: Bool, at now: ProxyStream.Instant) {
        guard ending == nil else { return }
        if isConnecting {
            // May be called although the socket is not ready.
            guard serverIsReadable else { return }
            guard Self.pendingError(of: server) == 0 else { return ending = .reset }
            isConnecting = false
            return
        }
        if clientIsReadable { receive(from: client, into: &toServer, at: now) }
        if serverIsReadable { receive(from: server, into: &toClient, at: now) }
        send(&toServer, to: server, at: now)
        send(&toClient, to: client, at: now)
        if toServer.isOver, toClient.isOver, ending == nil { ending = .end }
    }

    private func receive(from source: CInt, into stream: inout ProxyStream, at now: ProxyStream.Instant) {
        guard stream.isReading else { return }
        var room = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe room.withUnsafeMutableBytes {
            unsafe recv(source, $0.baseAddress, $0.count, CInt(MSG_DONTWAIT))
        }
        if count > 0 {
            stream.received(Array(room.prefix(count)), at: now)
        } else if count == 0 {
            stream.ended(at: now)
        } else if errno != EAGAIN, errno != EINTR {
            ending = .reset
        }
    }

    private func send(_ stream: inout ProxyStream, to sink: CInt, at now: ProxyStream.Instant) {
        while ending == nil {
            if stream.isExhausted(at: now) {
                wasTruncated = true
                return ending = cut
            }
            let bytes = stream.writable(at: now)
            guard !bytes.isEmpty else { break }
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.send(
                    sink, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            guard count > 0 else {
                if errno != EAGAIN, errno != EINTR { ending = .reset }
                return
            }
            stream.wrote(count)
        }
        if stream.takesEnd(at: now) { shutdown(sink, CInt(SHUT_WR)) }
    }

    /// Closes both sockets.
    func close(_ cut: FaultProxy.Cut) {
        for descriptor in [client, server] {
            switch cut {
            case .end:
                shutdown(descriptor, CInt(SHUT_WR))
                Self.drain(descriptor)
            case .reset:
                var linger = linger(l_onoff: 1, l_linger: 0)
                let size = socklen_t(MemoryLayout.size(ofValue: linger))
                unsafe _ = setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, size)
            }
            Glibc.close(descriptor)
        }
    }

    /// Unread bytes would make the kernel send an RST.
    private static func drain(_ descriptor: CInt) {
        var room = [UInt8](repeating: 0, count: 65_536)
        var count = 1
        while count > 0 {
            count = unsafe room.withUnsafeMutableBytes {
                unsafe recv(descriptor, $0.baseAddress, $0.count, CInt(MSG_DONTWAIT))
            }
        }
    }

    private static func pendingError(of descriptor: CInt) -> CInt {
        var error: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        let result = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size)
        return result == 0 ? error : errno
    }
}
