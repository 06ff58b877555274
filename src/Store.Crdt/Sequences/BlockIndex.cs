using Gossipdb.Crdt.Causality;

namespace Gossipdb.Crdt.Sequences;

/// <summary>Element id → block. For each replica its blocks are in order of counter, in chunks, so that adding one moves few.</summary>
internal sealed class BlockIndex<T>
{
    private readonly List<Replica> _replicas = [];

    /// <summary>The blocks of one replica.</summary>
    internal sealed class Replica(ReplicaId id)
    {
        private const int ChunkSize = 256;

        private readonly List<Chunk> _chunks = [];

        // Where the last search ended. What is typed or deleted in a row stays there.
        private Block<T>? _last;

        private sealed class Chunk
        {
            public readonly Block<T>[] Blocks = new Block<T>[ChunkSize];
            public int Count;
        }

        public ReplicaId Id { get; } = id;

        /// <summary>The block that holds a counter, or null.</summary>
        public Block<T>? Find(long counter)
        {
            var found = _last;
            if (found is null || counter < found.Segment.Start || counter >= found.Segment.End)
            {
                if (!TryPlace(counter, out var chunk, out var at)) return null;
                found = _chunks[chunk].Blocks[at];
                if (counter >= found.Segment.End) return null;
                _last = found;
            }

            return found;
        }

        /// <summary>The first block with elements at or above a counter.</summary>
        public Cursor From(long counter)
        {
            if (!TryPlace(counter, out var chunk, out var at)) return new Cursor(this, 0, -1);
            return new Cursor(this, chunk, counter < _chunks[chunk].Blocks[at].Segment.End ? at - 1 : at);
        }

        public void Add(Block<T> block)
        {
            if (!TryPlace(block.Segment.Start, out var chunk, out var at))
            {
                if (_chunks.Count == 0) _chunks.Add(new Chunk());
                (chunk, at) = (0, -1);
            }

            var target = _chunks[chunk];
            at++;
            if (target.Count == ChunkSize)
            {
                // A chunk that fills at its end is left full. Typing fills chunks so.
                var moved = at == ChunkSize ? 0 : ChunkSize / 2;
                var right = new Chunk { Count = moved };
                Array.Copy(target.Blocks, ChunkSize - moved, right.Blocks, 0, moved);
                Array.Clear(target.Blocks, ChunkSize - moved, moved);
                target.Count -= moved;
                _chunks.Insert(chunk + 1, right);
                if (at > target.Count || moved == 0) (target, at) = (right, at - target.Count);
            }

            Array.Copy(target.Blocks, at, target.Blocks, at + 1, target.Count - at);
            target.Blocks[at] = block;
            target.Count++;
        }

        /// <summary>The last block that starts at or before a counter.</summary>
        private bool TryPlace(long counter, out int chunk, out int at)
        {
            int low = 0, high = _chunks.Count;
            while (low < high)
            {
                var middle = (low + high) >>> 1;
                if (_chunks[middle].Blocks[0].Segment.Start <= counter) low = middle + 1;
                else high = middle;
            }

            chunk = low - 1;
            at = -1;
            if (chunk < 0) return false;
            var blocks = _chunks[chunk].Blocks;
            (low, high) = (1, _chunks[chunk].Count);
            while (low < high)
            {
                var middle = (low + high) >>> 1;
                if (blocks[middle].Segment.Start <= counter) low = middle + 1;
                else high = middle;
            }

            at = low - 1;
            return true;
        }

        /// <summary>Walks the blocks in order of counter. It also walks blocks that are added behind it meanwhile.</summary>
        internal struct Cursor(Replica replica, int chunk, int at)
        {
            private int _chunk = chunk;
            private int _at = at;

            public Block<T> Current { get; private set; } = null!;

            public bool MoveNext()
            {
                if (++_at >= (_chunk < replica._chunks.Count ? replica._chunks[_chunk].Count : 0)) (_chunk, _at) = (_chunk + 1, 0);
                if (_chunk >= replica._chunks.Count) return false;
                Current = replica._chunks[_chunk].Blocks[_at];
                return true;
            }
        }
    }

    /// <summary>In ascending order.</summary>
    public List<Replica> Replicas => _replicas;

    public Block<T>? Find(ElementId id) => Of(id.Replica)?.Find(id.Counter);

    public Replica? Of(ReplicaId replica)
    {
        for (var i = 0; i < _replicas.Count; i++)
            if (_replicas[i].Id == replica) return _replicas[i];
        return null;
    }

    public void Add(Block<T> block)
    {
        var replica = Of(block.Segment.Replica);
        if (replica is null)
        {
            replica = new Replica(block.Segment.Replica);
            var at = 0;
            while (at < _replicas.Count && _replicas[at].Id.CompareTo(replica.Id) < 0) at++;
            _replicas.Insert(at, replica);
        }

        replica.Add(block);
    }
}
