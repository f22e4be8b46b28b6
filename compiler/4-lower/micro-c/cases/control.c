/* Statements: loops, switch with falling through, goto, short circuits, conditional and comma. */
__emem unsigned int out[64];
static unsigned int n;

static int called(int value) {
  n = n + 100;
  return value;
}

static int classify(int value) {
  switch (value) {
    case 1:
      return 10;
    case 2:
    case 3:
      value += 5;
    case 4:
      value *= 2;
      break;
    default:
      value = -1;
      break;
    case -6:
      value = 66;
  }
  return value;
}

static int search(int wanted) {
  int i;
  for (i = 0; i < 10; i++) {
    if (i * i == wanted) {
      goto found;
    }
    if (i == 7) {
      continue;
    }
    if (i > 8) {
      break;
    }
  }
  return -1;
found:
  return i;
}

int main(void) {
  int i;
  int k = 0;
  int total = 0;
  n = 0;
  for (i = -7; i < 6; i++) out[k++] = classify(i);
  out[k++] = search(49);
  out[k++] = search(50);
  out[k++] = search(81);
  i = 0;
  do {
    total += i;
  } while (++i < 5);
  out[k++] = total;
  while (total > 3) total -= 4;
  out[k++] = total;
  out[k++] = called(0) && called(1);
  out[k++] = n;
  out[k++] = called(1) || called(0);
  out[k++] = n;
  out[k++] = (called(1) && !called(0)) || called(5);
  out[k++] = n;
  out[k++] = total ? called(3) : called(4);
  out[k++] = (total = 9, total + 1);
  out[k++] = total > 5 ? total < 20 ? 1 : 2 : 3;
  for (;;) {
    if (total-- == 0) break;
  }
  out[k++] = total;
  {
    int k2 = 5;
    int total = 4;
    out[k++] = k2 * total;
  }
  out[k++] = total;
  halt();
  return 0;
}
