namespace Gossipdb.Bench.Micro;

/// <summary>A group of measures, one class a data type.</summary>
internal interface IMeasured
{
    /// <summary>What <c>--filter</c> looks for.</summary>
    string Name { get; }

    /// <summary>Measures, one row after the other.</summary>
    IEnumerable<MeasuredRow> Rows();
}
