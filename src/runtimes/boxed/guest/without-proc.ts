import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { getHeapStatistics } from 'node:v8';

/** The one folder that an app may write in. */
const HOME = '/tmp';
const BYTES_PER_KIB = 1024;

/**
 * Supplies what Node cannot tell in a box, which has neither `/proc` nor a list of users, and what packages ask for while they load:
 * memory, processors, the user, its home, interfaces. What Node can tell is left as it is.
 */
export function tellWithoutProc(): void {
  const { memoryUsage } = process;
  const rss = orElse(memoryUsage.rss, peakMemory);
  process.memoryUsage = Object.assign(orElse(memoryUsage, memoryOfHeap), { rss });
  const { availableMemory } = process;
  process.availableMemory = () => availableMemory() || getHeapStatistics().total_available_size; // 0: it cannot tell

  const { cpus, userInfo } = os;
  os.cpus = () => {
    const found = cpus();
    return found.length > 0 ? found : Array.from({ length: os.availableParallelism() }, unknownProcessor);
  };
  os.homedir = orElse(os.homedir, () => HOME);
  os.userInfo = orElse(userInfo, unknownUser) as typeof userInfo;
  os.networkInterfaces = orElse(os.networkInterfaces, () => ({}));
  fs.existsSync = orElse(fs.existsSync, () => false); // it never throws, but for the permission model
  syncBuiltinESMExports();
}

/** The function, and what answers where it throws. */
function orElse<Args extends readonly unknown[], Value>(
  original: (...args: Args) => Value,
  instead: (...args: Args) => Value,
): (...args: Args) => Value {
  return (...args) => {
    try {
      return original(...args);
    } catch {
      return instead(...args);
    }
  };
}

/** Of the memory of array buffers alone there is no figure; it is part of `external`. */
function memoryOfHeap(): NodeJS.MemoryUsage {
  const heap = getHeapStatistics();
  return {
    rss: peakMemory(),
    heapTotal: heap.total_heap_size,
    heapUsed: heap.used_heap_size,
    external: heap.external_memory,
    arrayBuffers: 0,
  };
}

/** Bytes; the most the process has had so far, as what it has now is not told. */
function peakMemory(): number {
  return process.resourceUsage().maxRSS * BYTES_PER_KIB;
}

function unknownProcessor(): os.CpuInfo {
  return { model: 'unknown', speed: 0, times: { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 } };
}

function unknownUser(): os.UserInfo<string> {
  const [uid, gid] = [process.getuid?.() ?? -1, process.getgid?.() ?? -1];
  return { username: 'app', uid, gid, shell: null, homedir: HOME };
}
