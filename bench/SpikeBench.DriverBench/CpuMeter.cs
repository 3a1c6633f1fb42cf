namespace SpikeBench.DriverBench;

/// <summary>Processor time of this process, kernel and user, between two readings.</summary>
internal sealed class CpuMeter
{
    private readonly Environment.ProcessCpuUsage _start = Environment.CpuUsage;

    public double UserUs => (Environment.CpuUsage.UserTime - _start.UserTime).TotalMicroseconds;

    public double KernelUs => (Environment.CpuUsage.PrivilegedTime - _start.PrivilegedTime).TotalMicroseconds;
}
