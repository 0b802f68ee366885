/// Buffers that a loop lends to the connection that has an event, so that an idle connection owns no buffer. Touched on
/// its loop only.
final class LoopBuffers {
    /// The largest output buffer that is kept for the next event, in bytes. A larger one is freed.
    private static let keptOutputBytes = 262_144

    /// The buffer in which small chunks are joined before a send.
    var scratch: [UInt8] = []
    private var output: [UInt8] = []
    private var frame: [UInt8] = []

    /// Lends the output buffer to the connection that has an event. If the event leads to one of another connection,
    /// that one gets a new buffer.
    func lendOutput(to output: inout [UInt8]) {
        guard output.isEmpty else { return }
        swap(&output, &self.output)
    }

    func takeBackOutput(from output: inout [UInt8]) {
        if !output.isEmpty { output.removeAll(keepingCapacity: true) }
        if output.capacity > self.output.capacity, output.capacity <= Self.keptOutputBytes {
            swap(&output, &self.output)
        }
        output = []
    }

    /// Lends a buffer for one frame. A big frame gets a buffer of its own, because the outbox keeps a reference to it.
    func withFrameRoom(for bytes: Int, _ body: (inout [UInt8]) -> Void) {
        var room: [UInt8] = []
        guard bytes < Outbox.joinLimit else { return body(&room) }
        swap(&room, &frame)
        room.removeAll(keepingCapacity: true)
        body(&room)
        swap(&room, &frame)
    }
}
