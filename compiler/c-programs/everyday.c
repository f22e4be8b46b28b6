#include <stdio.h>
#include <string.h>
#include <stdint.h>
#include <stdlib.h>
#define N 1000
static char composite[N];
typedef struct entry { char key[12]; int value; struct entry *next; } entry;
static entry pool[32]; static int used; static entry *buckets[8];
static unsigned hash(const char *s){ unsigned h=5381; while(*s) h = h*33 ^ (unsigned char)*s++; return h; }
static entry *lookup(const char *k, int create){
  entry **b=&buckets[hash(k)%8];
  for(entry *e=*b;e;e=e->next) if(strcmp(e->key,k)==0) return e;
  if(!create) return NULL;
  entry *e=&pool[used++]; strcpy(e->key,k); e->next=*b; e->value=0; *b=e; return e;
}
static void reverse(char *s){ int n=strlen(s); for(int i=0;i<n/2;i++){char t=s[i];s[i]=s[n-1-i];s[n-1-i]=t;} }
static uint32_t crc32(const uint8_t *p, size_t n){ uint32_t c=~0u; while(n--){ c^=*p++; for(int k=0;k<8;k++) c = c&1 ? 0xEDB88320u^(c>>1) : c>>1; } return ~c; }
static int gcd(int a,int b){ while(b){int t=a%b;a=b;b=t;} return a; }
static void matmul(int a[3][3], int b[3][3], int c[3][3]){ for(int i=0;i<3;i++)for(int j=0;j<3;j++){c[i][j]=0;for(int k=0;k<3;k++)c[i][j]+=a[i][k]*b[k][j];} }
typedef union { uint32_t w; struct { uint32_t top:4, rest:28; } f; } word;
static int cmp(const void *a,const void *b){ return *(const int*)a - *(const int*)b; }
static void bubble(void *base,int n,int size,int(*c)(const void*,const void*)){
  char *p=base; char t[8];
  for(int i=0;i<n;i++)for(int j=0;j+1<n-i;j++) if(c(p+j*size,p+(j+1)*size)>0){ memcpy(t,p+j*size,size); memcpy(p+j*size,p+(j+1)*size,size); memcpy(p+(j+1)*size,t,size);} }
int main(void){
  int count=0;
  for(int i=2;i<N;i++){ if(!composite[i]){count++; for(int j=i*i;j<N;j+=i) composite[j]=1;} }
  printf("%d primes\n",count);
  const char *w[]={"the","cat","and","the","dog","and","the","end"};
  for(int i=0;i<8;i++) lookup(w[i],1)->value++;
  printf("%d %d %d %d\n",lookup("the",0)->value,lookup("and",0)->value,lookup("none",0)==NULL,used);
  char s[]="reversed"; reverse(s); puts(s);
  printf("%08x\n",crc32((const uint8_t*)"123456789",9));
  printf("%d\n",gcd(1071,462));
  int a[3][3]={{1,2,3},{4,5,6},{7,8,9}},b[3][3]={{1,0,1},{0,1,0},{1,0,1}},c[3][3];
  matmul(a,b,c); for(int i=0;i<9;i++) printf("%d ",((int*)c)[i]); puts("");
  int v[]={9,-4,7,0,3,3,-8}; bubble(v,7,sizeof(int),cmp); for(int i=0;i<7;i++) printf("%d ",v[i]); puts("");
  uint64_t f=1; for(int i=2;i<=20;i++) f*=i; printf("%u %u\n",(unsigned)(f/1000000000),(unsigned)(f%1000000000));
  char buf[40]; sprintf(buf,"%d-%s-%x",42,"str",255); puts(buf);
  memset(buf,'x',5); buf[5]=0; puts(buf);
  static const unsigned char sbox[16]={12,5,6,11,9,0,10,13,3,14,15,8,4,7,1,2};
  unsigned st=0x1234; for(int r=0;r<10;r++){ unsigned o=0; for(int i=0;i<4;i++) o|=sbox[(st>>(4*i))&15]<<(4*i); st=((o<<1)|(o>>15))&0xffff; } printf("%x\n",st);
  goto out; 
out:
  return count & 0xff;
}
